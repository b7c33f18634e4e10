-- How far the ticks of a schedule are decided: fired, or passed over by its policy. A timing (expression and
-- time zone) has a row of its own, so that instances of two releases, side by side, do not disturb
-- each other's.
create table banyan_schedule (
  schedule text not null,
  -- 0 3 * * * Europe/Berlin
  timing text not null,
  -- every tick up to here is decided; raised in the transaction that fires
  decided_until timestamptz not null,
  first_seen_at timestamptz not null,
  -- when an instance began that does not have it; one that has it again begins anew
  superseded_at timestamptz,
  primary key (schedule, timing)
);

-- What a look at the books and the provider found, one row for each day; a later look at the same day
-- takes its place.
create table reconciliation (
  day date primary key,
  looked_at timestamptz not null,
  -- 1 for the first look; a difference is looked at again
  look integer not null check (look > 0),
  is_equal boolean not null
);

create table reconciliation_line (
  day date not null references reconciliation (day),
  currency text not null check (currency in ('EUR', 'GBP', 'USD')),
  booked_captured_minor bigint not null,
  booked_refunded_minor bigint not null,
  provider_captured_minor bigint not null,
  provider_refunded_minor bigint not null,
  primary key (day, currency)
);

-- What this module has said and nobody has carried away yet. Rows are written in front of the COMMIT of
-- the business transaction and deleted once the transport has them.
create table banyan_outbox (
  position bigint generated always as identity primary key,
  id uuid not null,
  -- orders.paid, or notifications.jobs.sendConfirmation
  name text not null,
  version integer not null,
  key text,
  payload text not null,
  -- JSON: trace, priority, delay
  headers text not null,
  created_at timestamptz not null default now()
);

-- What this module has to do: its jobs, and the events it subscribed to. A row that is done is deleted.
create table banyan_message (
  position bigint generated always as identity primary key,
  id uuid not null,
  -- jobs.sendConfirmation, or on.orders.paid
  queue text not null,
  version integer not null,
  key text,
  payload text not null,
  headers text not null,
  -- 0 ready, 1 waits for its time, 2 leased, 3 waits for one with its key, 4 waits for an event,
  -- 5 parked, 6 done (kept for its history), 7 cancelled
  state smallint not null default 0,
  -- lower first: the priority with its sign changed
  rank smallint not null default 0,
  due_at timestamptz,
  -- raised by every lease: who holds an older one cannot commit
  epoch integer not null default 0,
  leased_until timestamptz,
  leased_by text,
  -- runs that ended in an error, and leases that ended without a word
  attempts smallint not null default 0,
  deaths smallint not null default 0,
  -- while it waits for its first run: the first lease clears it
  unique_text text,
  -- JSON: the last error with its stack
  problem text,
  progress real,
  note text,
  is_cancelling boolean not null default false,
  created_at timestamptz not null default now(),
  ended_at timestamptz
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);

create index banyan_message_ready on banyan_message (rank, position) where state = 0;
create index banyan_message_suspect on banyan_message (position) where state = 0 and deaths > 0;
create index banyan_message_due on banyan_message (due_at) where state in (1, 4);
create index banyan_message_leased on banyan_message (leased_until) where state = 2;
create index banyan_message_blocked on banyan_message (position) where state = 3;
create index banyan_message_key on banyan_message (queue, key, position)
  where key is not null and state < 5;
create unique index banyan_message_unique on banyan_message (queue, unique_text)
  where unique_text is not null and state < 5;
create index banyan_message_ended on banyan_message (ended_at) where state > 5;
create index banyan_message_parked on banyan_message (queue, position) where state = 5;

-- What was heard: a message that comes again is known by its row. Swept after the time that the
-- settings say.
create table banyan_inbox (
  queue text not null,
  id uuid not null,
  received_at timestamptz not null default now(),
  primary key (queue, id)
);
create index banyan_inbox_received_at on banyan_inbox (received_at);

-- What an operator has said of a queue; a queue without a row follows its declaration.
create table banyan_queue (
  queue text primary key,
  is_paused boolean not null default false,
  concurrency_max integer,
  rate_count integer,
  rate_ms integer,
  -- when the next start is allowed, of a queue with a rate (GCRA)
  next_at timestamptz
);

-- The steps of sagas that are done.
create table banyan_step (
  message uuid not null,
  number integer not null,
  name text not null,
  -- tagged JSON
  result text,
  is_undone boolean not null default false,
  done_at timestamptz not null default now(),
  primary key (message, name)
);

-- Work that one process does for all, held for a while; the epoch is raised whenever the holder changes.
create table banyan_lease (
  name text primary key,
  holder text not null,
  epoch bigint not null,
  expires_at timestamptz not null
);

-- Ticks of schedules that were fired.
create table banyan_tick (
  schedule text not null,
  tick timestamptz not null,
  fired_at timestamptz not null default now(),
  primary key (schedule, tick)
);

-- The records of sagas: steps that are done, and since when a saga sleeps.
alter table banyan_step
  -- 0 a step, 1 a sleep (over at due_at), 2 the saga has failed: result says how, number after how many attempts
  add column kind smallint not null default 0,
  -- a step whose effect can be undone
  add column has_undo boolean not null default false,
  add column due_at timestamptz;

-- What sagas wait for, and what they heard.
create table banyan_wait (
  message uuid not null,
  name text not null,
  number integer not null,
  -- of the message, to wake it
  position bigint not null,
  event text not null,
  key text not null,
  due_at timestamptz not null,
  is_timed_out boolean not null default false,
  -- the event that answered it
  heard uuid,
  payload text,
  primary key (message, name)
);
create index banyan_wait_open on banyan_wait (event, key) where heard is null and not is_timed_out;

-- Events that sagas of the module may wait for, as they were heard: a saga finds what came before its wait.
-- Swept after 7 days.
create table banyan_heard (
  position bigint generated always as identity primary key,
  id uuid not null unique,
  event text not null,
  key text not null,
  payload text not null,
  heard_at timestamptz not null default clock_timestamp()
);
create index banyan_heard_key on banyan_heard (event, key, position);
create index banyan_heard_heard_at on banyan_heard (heard_at);

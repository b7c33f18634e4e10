-- What the commands of this module have answered under idempotency keys. A row is written in the
-- transaction of the effect, so it exists exactly when the effect does.
create table banyan_idempotency (
  scope text not null,
  operation text not null,
  key text not null,
  step integer not null,
  fingerprint bytea not null check (octet_length(fingerprint) = 32),
  -- Tagged JSON; null only inside the transaction that has not finished.
  outcome text,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  primary key (scope, operation, key, step)
);

create index banyan_idempotency_expires_at on banyan_idempotency (expires_at);

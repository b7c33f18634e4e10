create table customer (
  id uuid primary key,
  kind text not null check (kind in ('guest')),
  created_at timestamptz not null
);

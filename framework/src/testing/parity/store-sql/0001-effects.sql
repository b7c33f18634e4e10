create table effect (
  number bigint generated always as identity primary key,
  label text not null,
  at timestamptz not null
);

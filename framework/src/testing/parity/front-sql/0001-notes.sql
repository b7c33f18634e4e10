create table note (
  number bigint generated always as identity primary key,
  label text not null
);

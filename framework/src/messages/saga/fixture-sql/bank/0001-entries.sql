create table entry (position bigint generated always as identity primary key, trip text not null, what text not null);

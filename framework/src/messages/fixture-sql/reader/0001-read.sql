create table read (position bigint generated always as identity primary key, title text not null, number integer not null);

create table heard (position bigint generated always as identity primary key, thing text not null, number integer not null, by text not null);

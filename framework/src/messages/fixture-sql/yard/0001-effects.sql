create table effect (position bigint generated always as identity primary key, job text not null, what text not null, by text not null);

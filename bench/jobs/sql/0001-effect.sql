create table effect (id text primary key, at_ms double precision not null);

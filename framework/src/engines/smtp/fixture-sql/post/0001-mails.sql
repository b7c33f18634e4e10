create table mail (parcel_id uuid primary key);

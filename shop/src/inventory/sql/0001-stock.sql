-- Every unit ever received is available, held or sold: the row itself keeps the sum.
create table stock (
  sku text primary key,
  received integer not null check (received >= 0),
  available integer not null check (available >= 0),
  held integer not null default 0 check (held >= 0),
  sold integer not null default 0 check (sold >= 0),
  constraint units_are_conserved check (available + held + sold = received)
);

create table reservation (
  id uuid primary key,
  state text not null check (state in ('held', 'confirmed', 'released', 'expired', 'returned')),
  expires_at timestamptz not null
);
create index reservation_due on reservation (expires_at) where state = 'held';

create table reservation_line (
  reservation_id uuid not null references reservation (id),
  sku text not null references stock (sku),
  count integer not null check (count > 0),
  primary key (reservation_id, sku)
);

-- Append-only: the stock of a product is the sum of its movements.
create table movement (
  id uuid primary key,
  sku text not null references stock (sku),
  kind text not null check (kind in ('received', 'held', 'confirmed', 'released', 'expired', 'returned')),
  count integer not null check (count > 0),
  reservation_id uuid references reservation (id),
  at timestamptz not null,
  constraint a_receipt_has_no_reservation check ((kind = 'received') = (reservation_id is null)),
  -- A reservation does each thing to a product at most once.
  unique (reservation_id, sku, kind)
);
create index movement_of_sku on movement (sku, kind);

create function refuse_alteration() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger movement_is_append_only before update or delete on movement
  for each row execute function refuse_alteration();

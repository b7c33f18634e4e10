create table cart (
  id uuid primary key,
  customer_id text not null,
  state text not null check (state in ('open', 'closed')),
  created_at timestamptz not null
);
create index cart_of_customer on cart (customer_id, id);

-- No prices: a cart is a wish, the catalogue knows what it costs.
create table cart_line (
  cart_id uuid not null references cart (id),
  sku text not null,
  count integer not null check (count between 1 and 99),
  primary key (cart_id, sku)
);

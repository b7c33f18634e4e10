create table orders (
  id uuid primary key,
  customer_id text not null,
  state text not null check (state in (
    'placed', 'paid', 'packed', 'shipped', 'delivered',
    'cancelling', 'cancelled', 'refunding', 'refunded'
  )),
  version integer not null default 1 check (version >= 1),
  reservation_id uuid not null unique,
  payment_id uuid not null unique,
  total_minor bigint not null check (total_minor > 0),
  currency text not null check (currency in ('EUR', 'GBP', 'USD')),
  shipping_address jsonb not null,
  placed_at timestamptz not null,
  -- When somebody else may continue to give the order back.
  due_at timestamptz
);
create index orders_of_customer on orders (customer_id, id desc);
create index orders_due on orders (due_at) where state in ('cancelling', 'refunding');

create table order_line (
  order_id uuid not null references orders (id),
  line integer not null,
  sku text not null,
  name text not null,
  count integer not null check (count > 0),
  unit_minor bigint not null check (unit_minor > 0),
  primary key (order_id, line)
);

create table order_history (
  order_id uuid not null references orders (id),
  version integer not null,
  state text not null,
  at timestamptz not null,
  actor text not null,
  primary key (order_id, version)
);

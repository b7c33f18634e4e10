-- A checkout is the record of its own progress: whoever finds the row can continue it.
create table checkout (
  id uuid primary key,
  cart_id uuid not null,
  customer_id text not null,
  order_id uuid not null unique,
  payment_id uuid not null unique,
  reservation_id uuid not null unique,
  state text not null check (state in (
    'priced', 'reserved', 'authorised', 'confirmed', 'placed', 'captured', 'paid', 'posted',
    'abandoning', 'voiding', 'releasing', 'completed', 'refused'
  )),
  instrument text not null,
  shipping_address jsonb not null,
  -- The prices that the customer was shown count, whatever happens to them later.
  lines jsonb not null check (jsonb_typeof(lines) = 'array'),
  total_minor bigint not null check (total_minor > 0),
  currency text not null check (currency in ('EUR', 'GBP', 'USD')),
  refusal jsonb,
  -- How many have worked on it: more than one may still be at it.
  drivers integer not null default 1 check (drivers >= 1),
  -- Attempts at the present step.
  attempts integer not null default 0 check (attempts >= 0),
  -- When somebody else may take over.
  due_at timestamptz not null,
  created_at timestamptz not null,
  constraint a_refusal_has_a_reason check (
    (refusal is not null) = (state in ('abandoning', 'voiding', 'releasing', 'refused'))
  )
);
-- A cart is bought once; after a refusal it may be tried again.
create unique index checkout_of_cart on checkout (cart_id) where state <> 'refused';
create index checkout_due on checkout (due_at) where state not in ('completed', 'refused');

create table purchase_order (
  id uuid primary key,
  sku text not null,
  count integer not null check (count > 0),
  state text not null
    check (state in ('proposed', 'approved', 'ordered', 'received', 'rejected', 'expired')),
  proposed_at timestamptz not null,
  decided_at timestamptz,
  decided_by text,
  ordered_at timestamptz,
  -- What a clerk counted; it is booked into the stock, and then the order is received.
  delivered_at timestamptz,
  delivered_count integer check (delivered_count > 0),
  constraint a_decision_has_a_clerk check (
    (decided_at is null) = (decided_by is null)
    and (decided_at is null) = (state in ('proposed', 'expired'))
  ),
  constraint what_was_ordered_has_a_time check (
    (ordered_at is not null) = (state in ('ordered', 'received'))
  ),
  constraint what_was_delivered_was_ordered check (
    (delivered_at is null) = (delivered_count is null)
    and (delivered_at is null or ordered_at is not null)
    and (state <> 'received' or delivered_at is not null)
  )
);
-- A product is ordered once at a time, however often it runs low meanwhile.
create unique index purchase_order_open on purchase_order (sku)
  where state in ('proposed', 'approved', 'ordered');
create index purchase_order_of_state on purchase_order (state, id desc);

create table payment (
  id uuid primary key,
  reference text not null,
  state text not null check (state in (
    'authorising', 'authorised', 'declined', 'capturing', 'captured',
    'voiding', 'voided', 'refunding', 'refunded'
  )),
  amount_minor bigint check (amount_minor > 0),
  currency text check (currency in ('EUR', 'GBP', 'USD')),
  instrument text,
  -- The provider's name for it, once we have been told.
  provider_id text,
  decline_reason text,
  updated_at timestamptz not null,
  constraint only_a_tombstone_is_bare check (
    state = 'voided' or (amount_minor is not null and currency is not null and instrument is not null)
  ),
  constraint what_moved_has_a_name check (
    provider_id is not null or state in ('authorising', 'voiding', 'voided')
  )
);
create index payment_of_reference on payment (reference);
create index payment_of_state on payment (state, currency) include (amount_minor);

-- One row per order and kind: what was done about it. Written after the mail was handed over, so a crash
-- between the two repeats the mail, under the Message-ID that it had.
create table mail (
  order_id uuid not null,
  kind text not null check (kind in ('order-confirmation')),
  state text not null check (state in ('sent', 'unaddressed')),
  message_id text not null unique,
  -- SHA-256 of the invoice that went with it.
  invoice_digest text,
  recorded_at timestamptz not null,
  primary key (order_id, kind),
  constraint what_was_sent_had_an_invoice check ((state = 'sent') = (invoice_digest is not null))
);

create table account (
  code text primary key,
  kind text not null check (kind in ('asset', 'income', 'expense'))
);
insert into account (code, kind)
values ('psp-clearing', 'asset'), ('sales', 'income'), ('refunds', 'expense');

create table entry (
  id uuid primary key,
  source text not null check (source in ('sale', 'refund')),
  reference text not null,
  at timestamptz not null,
  unique (source, reference)
);

create table posting (
  entry_id uuid not null references entry (id),
  line integer not null check (line >= 0),
  account text not null references account (code),
  amount_minor bigint not null check (amount_minor <> 0),
  currency text not null check (currency in ('EUR', 'GBP', 'USD')),
  primary key (entry_id, line)
);
create index posting_of_account on posting (account, currency) include (amount_minor);

-- Checked at commit, when all postings of the entry are there.
create function assert_balanced() returns trigger language plpgsql set search_path from current as $$
begin
  if exists (
    select from posting where entry_id = new.entry_id group by currency having sum(amount_minor) <> 0
  ) then
    raise exception 'entry % does not sum to zero', new.entry_id using errcode = 'check_violation';
  end if;
  return null;
end $$;
create constraint trigger posting_is_balanced after insert on posting
  deferrable initially deferred for each row execute function assert_balanced();

create function assert_posted() returns trigger language plpgsql set search_path from current as $$
begin
  if not exists (select from posting where entry_id = new.id) then
    raise exception 'entry % has no postings', new.id using errcode = 'check_violation';
  end if;
  return null;
end $$;
create constraint trigger entry_is_posted after insert on entry
  deferrable initially deferred for each row execute function assert_posted();

create function refuse_alteration() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger entry_is_append_only before update or delete on entry
  for each row execute function refuse_alteration();
create trigger posting_is_append_only before update or delete on posting
  for each row execute function refuse_alteration();

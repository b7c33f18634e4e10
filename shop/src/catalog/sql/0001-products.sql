-- Categories name themselves by their path, so a subtree is a prefix.
create table category (
  path text primary key check (path ~ '^[a-z0-9-]+(/[a-z0-9-]+)*$'),
  name text not null
);

create table product (
  sku text primary key,
  name text not null,
  description text not null,
  category text not null references category (path),
  price_minor bigint not null check (price_minor > 0),
  currency text not null check (currency in ('EUR', 'GBP', 'USD')),
  brand text not null,
  colour text not null,
  size text not null,
  material text not null,
  season text not null,
  audience text not null,
  search tsvector not null generated always as (
    setweight(to_tsvector('english', name), 'A')
    || setweight(to_tsvector('english', brand || ' ' || colour || ' ' || material), 'B')
    || setweight(to_tsvector('english', description), 'C')
  ) stored
);

create index product_search on product using gin (search);
create index product_category on product (category text_pattern_ops, sku);
create index product_by_name on product (name, sku);
create index product_by_price on product (price_minor, sku);

create table image (
  id uuid primary key,
  sku text not null,
  alt text not null,
  state text not null check (state in ('arriving', 'stored', 'ready', 'removing')),
  width integer not null check (width > 0),
  height integer not null check (height > 0),
  uploaded_at timestamptz not null
);
create index image_of_product on image (sku, id);

-- A row says that the file of its name is stored.
create table image_variant (
  image_id uuid not null references image (id) on delete cascade,
  name text not null,
  content_type text not null check (content_type in ('image/webp', 'image/jpeg')),
  width integer not null check (width > 0),
  height integer not null check (height > 0),
  size_bytes integer not null check (size_bytes > 0),
  primary key (image_id, name)
);

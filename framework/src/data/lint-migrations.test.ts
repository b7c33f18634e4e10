import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lintMigrations } from './lint-migrations.ts'
import { type LintRule, lintRules } from './lint-rules.ts'
import { readSqlTokens, splitSqlStatements } from './sql-token.ts'

const first = { file: '0001-create.sql', text: 'create table item (id text primary key);' }
const rulesIn = (text: string): string[] =>
  lintMigrations([first, { file: '0002-change.sql', text }]).map((finding) => finding.rule)

/** At least one planted breach of every rule. */
const planted: readonly (readonly [LintRule, string])[] = [
  ['index-locks-table', 'create index item_name on item (name);'],
  ['index-locks-table', 'create unique index if not exists u on only item (name);'],
  ['index-locks-table', 'drop index item_name;'],
  ['index-locks-table', 'reindex table item;'],
  ['concurrently-in-transaction', 'create index concurrently i on item (name);'],
  ['column-without-default', 'alter table item add column a int not null;'],
  ['column-without-default', 'ALTER TABLE IF EXISTS ONLY "item" ADD a int NOT NULL'],
  ['column-rewrites-table', 'alter table item add column a uuid default gen_random_uuid();'],
  ['column-rewrites-table', 'alter table item add column a bigserial;'],
  ['column-rewrites-table', 'alter table item add a int generated always as identity;'],
  ['column-type-changed', 'alter table item alter column a type bigint;'],
  ['column-type-changed', 'alter table item alter a set data type bigint;'],
  ['column-set-not-null', 'alter table item alter column a set not null;'],
  ['constraint-scans-table', 'alter table item add constraint c check (a > 0);'],
  ['constraint-scans-table', 'alter table item add foreign key (a) references other (id);'],
  ['constraint-builds-index', 'alter table item add constraint u unique (a);'],
  ['constraint-builds-index', 'alter table item add column a text unique;'],
  ['column-dropped', 'alter table item drop column a;'],
  ['column-dropped', 'alter table item drop if exists a;'],
  ['column-renamed', 'alter table item rename column a to b;'],
  ['column-renamed', 'alter table item rename a to b;'],
  ['table-dropped', 'drop table item;'],
  ['table-renamed', 'alter table item rename to thing;'],
  ['table-rewritten', 'vacuum (full) item;'],
  ['table-rewritten', 'cluster item;'],
  ['table-rewritten', 'alter table item set unlogged;'],
  ['table-locked', 'lock table item;'],
  ['table-truncated', 'truncate item;'],
  ['schema-foreign', 'select * from orders.sale;'],
  [
    'schema-foreign',
    'alter table item add constraint f foreign key (a) references orders.sale (id) not valid;',
  ],
  ['schema-foreign', 'create view v as select billing.total(id) as t from item;'],
  ['schema-foreign', 'create schema other;'],
  ['privilege-changed', 'grant select on item to public;'],
  ['privilege-changed', 'create extension pg_trgm;'],
  [
    'privilege-changed',
    "create function f() returns int language sql security definer as 'select 1';",
  ],
  ['allow-malformed', '-- banyan: allow table-locked\nselect 1;'],
  ['allow-malformed', '-- banyan: allow nonsense because I say so\nselect 1;'],
  ['allow-malformed', '-- banyan: allow table-locked because it is quick\nselect 1;'],
]

for (const [rule, text] of planted) {
  test(`${rule} is found in: ${text.replaceAll('\n', ' ')}`, () => {
    assert.deepEqual(rulesIn(text), [rule])
  })
}

test('every rule has a planted breach', () => {
  assert.deepEqual(new Set(planted.map(([rule]) => rule)), new Set(Object.keys(lintRules)))
})

/** Looks dangerous, is not. */
const harmless = [
  'create table part (id text primary key); create index on part (id); alter table part add unique (id);',
  'alter table item add column a int not null default 0;',
  'alter table item add column a timestamptz not null default now();',
  "alter table item add column a varchar(20) default 'x'::varchar(20) check (length(a) > 0);",
  'alter table item add constraint c check (a > 0) not valid;',
  'alter table item add constraint c check (a is not null) not valid; alter table item validate constraint c; alter table item alter column a set not null;',
  'alter table item add constraint u unique using index u_index;',
  'alter table item drop constraint c;',
  "-- create index on item (name)\n/* drop /* nested */ table item; */ select 'drop table item; ''x';",
  'create function f() returns void language plpgsql as $body$ begin truncate item; drop table item; end $body$;',
  'create function f() returns int language sql begin atomic select case when true then 1 end; select 2; end;',
  'select extract(epoch from i.made_at) from item i join item j on i.id = j.id where i.a is distinct from j.a;',
  'select pg_catalog.now();',
  'update item set a = 1 where a is null;',
  '-- banyan: allow table-dropped because nothing has used it since release 4\ndrop table item;',
]

for (const text of harmless) {
  test(`nothing is found in: ${text.replaceAll('\n', ' ')}`, () => {
    assert.deepEqual(rulesIn(text), [])
  })
}

test('the first migration may do anything to its own schema', () => {
  const text = 'create table a (id int); create index on a (id); create index on b (id);'
  assert.deepEqual(lintMigrations([{ file: '0001-a.sql', text }]), [])
})

test('CONCURRENTLY is fine in a file without a transaction', () => {
  const text = '-- banyan: no-transaction\ncreate index concurrently i on item (id);'
  assert.deepEqual(rulesIn(text), [])
})

test('a finding names file, line and column, why and what to do', () => {
  const text = 'select 1;\n\n  alter table item\n    add column a int,\n    drop column b;'
  const [finding] = lintMigrations([first, { file: '0002-x.sql', text }])
  assert.deepEqual(
    { file: finding?.file, line: finding?.line, column: finding?.column },
    { file: '0002-x.sql', line: 5, column: 5 },
  )
  assert.ok(finding?.why && finding.fix)
})

test('tokens keep strings, dollar quotes and nested comments whole', () => {
  const sql = `select E'it\\'s', U&"d\\0061", $t$ ; -- $t$, 1.5e3 /* a /* b */ c */ -- end`
  const kinds = readSqlTokens(sql).map((token) => token.kind)
  assert.deepEqual(kinds, [
    'word',
    'string',
    'symbol',
    'quoted',
    'symbol',
    'string',
    'symbol',
    'number',
    'comment',
    'comment',
  ])
  assert.equal(splitSqlStatements("a; 'b;c'; ;; $$;$$").length, 3)
})

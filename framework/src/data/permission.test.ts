import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { type RawBuilder, sql } from 'kysely'
import { createPostgresServer } from '../engines/postgres/client/index.ts'
import { ask } from './ask.ts'
import { createTestTelemetry, failureOf, type Fixture, TestServer } from './data.fixture.ts'
import { createWorld } from '../kernel/index.ts'
import { openDatabase } from './open-database.ts'
import type { Connection } from './port.ts'

const postgres = await TestServer.start()

/** What a module's transaction must not be able to do. */
const trespasses: readonly (readonly [string, string])[] = [
  ['read another module', 'select * from ledger.entry'],
  ['write another module', "insert into ledger.entry values ('x', 1)"],
  ['read its migrations', 'select * from banyan_migration'],
  ['write its migrations', 'delete from banyan_migration'],
  ['read the secret', 'select secret from banyan.installation'],
  ['drop its own table', 'drop table sale'],
  ['change its own table', 'alter table sale add column x int'],
  ['create a table in its schema', 'create table mine (id int)'],
  ['create a table in public', 'create table public.mine (id int)'],
  ['create a temporary table', 'create temp table mine (id int)'],
  ['create a schema', 'create schema mine'],
  ['create a function', "create function f() returns int language sql as 'select 1'"],
  ['truncate', 'truncate sale'],
  ['create a role', 'create role intruder'],
  ['read passwords', 'select rolpassword from pg_authid'],
  ['copy to a program', "copy sale to program 'id'"],
  ['copy from a file', "copy sale from '/etc/passwd'"],
  ['read a file', "select pg_read_file('/etc/passwd')"],
  ['list a folder', "select pg_ls_dir('.')"],
  ['import a large object', "select lo_import('/etc/passwd')"],
  ['change what the server logs', "set log_statement = 'none'"],
  [
    'end other backends',
    "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'banyan'",
  ],
  ['load a library', "load 'auto_explain'"],
  ['create an extension', 'create extension postgres_fdw'],
]

for (const [what, statement] of trespasses) {
  test(`a module cannot ${what}`, async (t) => {
    const fixture = await shared()
    const failed = fixture.transact((tx) => sql.raw(statement).execute(tx))
    const error = await failureOf(failed)
    assert.equal(error.code, 'DATA_PERMISSION_DENIED', error.message)
    t.diagnostic(error.message)
  })
}

for (const kind of ['owner', 'writer', 'reader']) {
  test(`a module cannot become the ${kind} of another, nor the superuser`, async () => {
    const fixture = await shared()
    const roles = await fixture.asOwner('select rolname from pg_roles where rolname like $1', [
      `%ledger_${kind}`,
    ])
    for (const role of [String(roles[0]?.['rolname']), 'banyan']) {
      const failed = fixture.transact((tx) => sql.raw(`set role "${role}"`).execute(tx))
      assert.equal((await failureOf(failed)).code, 'DATA_PERMISSION_DENIED')
    }
  })
}

test('a search path that names another module shows nothing of it', async () => {
  const fixture = await shared()
  const failed = fixture.transact(async (tx) => {
    await sql`set local search_path = ledger`.execute(tx)
    await sql`select * from entry`.execute(tx)
  })
  assert.match((await failureOf(failed)).message, /does not exist|permission denied/)
})

test('statistics and running statements of another module stay hidden', async () => {
  const fixture = await shared()
  await fixture.asOwner(
    'insert into ledger.entry select n::text, n from generate_series(1, 100) n on conflict do nothing',
  )
  await fixture.asOwner('analyze ledger.entry')
  const shown = await fixture.transact(async (tx) => {
    const stats = await sql`select * from pg_stats where schemaname = 'ledger'`.execute(tx)
    const running = await sql`select query from pg_stat_activity where usename = 'banyan'
      and query not like '<%'`.execute(tx)
    return stats.rows.length + running.rows.length
  })
  assert.equal(shown, 0)
})

test('a large object of another module cannot be read', async () => {
  const fixture = await shared()
  const [made] = await fixture.asOwner("select lo_from_bytea(0, 'secret')::text as oid")
  const failed = fixture.transact((tx) => sql`select lo_get(${made?.['oid']}::oid)`.execute(tx))
  assert.equal((await failureOf(failed)).code, 'DATA_PERMISSION_DENIED')
})

const writes: readonly RawBuilder<unknown>[] = [
  sql`insert into sale values ('x', 'lamp', 1)`,
  sql`with gone as (delete from sale returning id) select * from gone`,
  sql`select lo_create(0)`,
  sql`create table mine (id int)`,
]

for (const [index, statement] of writes.entries()) {
  test(`ctx.db cannot write, even with raw SQL (${index + 1})`, async () => {
    const fixture = await shared()
    const reader: unknown = fixture.reader()
    const failed = statement.execute(reader as Parameters<typeof statement.execute>[0])
    assert.equal((await failureOf(failed)).code, 'DATA_PERMISSION_DENIED')
  })
}

test('session settings of a role cannot lift what it may not do', async () => {
  const fixture = await shared()
  const [row] = await fixture.asOwner(
    "select rolname from pg_roles where rolname like '%stock_reader'",
  )
  const reader = await connectAs(String(row?.['rolname']))
  await ask(reader, 'set default_transaction_read_only = off')
  const failed = ask(reader, "insert into stock.sale values ('x', 'lamp', 1)")
  await assert.rejects(failed, { sqlState: '42501' })
  await reader.close()
})

test('roles of one database cannot connect to another', async () => {
  const fixture = await shared()
  const other = await postgres.empty()
  const opened = await openDatabase({
    server: other,
    modules: await postgres.modules(),
    world: createWorld(),
    telemetry: createTestTelemetry(createWorld()),
  })
  const [row] =
    await fixture.asOwner(`select rolname from pg_roles r where rolname like '%stock_writer'
    and not has_database_privilege(r.oid, current_database(), 'connect')`)
  await opened.close()
  const stranger = connectAs(String(row?.['rolname']))
  await assert.rejects(stranger, { sqlState: '42501' })
})

test('an owner without superuser rights can run a database, and is told which right it lacks', async () => {
  await postgres.asOwner('create role plain login; create role helper login createrole')
  await postgres.asOwner('create database plain_db owner plain')
  await postgres.asOwner('create database helper_db owner helper')
  await postgres.asOwner('create database foreign_db')
  const open = async (role: string, database: string): Promise<void> => {
    const url = new URL(`postgres://${role}@x/${database}`)
    url.searchParams.set('host', postgres.embedded.host)
    url.searchParams.set('port', String(postgres.embedded.port))
    const server = createPostgresServer({ url: url.href })
    const world = createWorld()
    const modules = await postgres.modules()
    const opened = await openDatabase({
      server,
      modules,
      world,
      telemetry: createTestTelemetry(world),
    })
    await opened.ping()
    await opened.close()
  }
  await open('helper', 'helper_db')
  const lacksCreateRole = (await failureOf(open('plain', 'plain_db'))) as {
    code: string
    message: string
    fix?: string
  }
  assert.equal(lacksCreateRole.code, 'DATA_RIGHT_MISSING')
  assert.match(String(lacksCreateRole.fix), /ALTER ROLE .*plain.* CREATEROLE/)
  const lacksDatabase = (await failureOf(open('helper', 'foreign_db'))) as {
    code: string
    message: string
    fix?: string
  }
  assert.equal(lacksDatabase.code, 'DATA_RIGHT_MISSING')
  assert.match(String(lacksDatabase.fix), /ALTER DATABASE "foreign_db" OWNER TO .*helper/)
})

test('with password authentication the roles of modules log in, and nobody else does', async () => {
  const [row] = await (await shared()).asOwner('show hba_file')
  const file = String(row?.['hba_file'])
  const rules = await readFile(file, 'utf8')
  await writeFile(file, `local all /^banyan_ scram-sha-256\n${rules}`)
  await postgres.asOwner('select pg_reload_conf()')
  try {
    const fresh = await postgres.open()
    await fresh.database.ping()
    assert.equal(
      await fresh.transact(
        async (tx) => (await tx.selectFrom('item').selectAll().execute()).length,
      ),
      2,
    )
    const [role] = await fresh.asOwner(
      "select rolname from pg_roles where rolname like '%stock_reader'",
    )
    await assert.rejects(connectAs(String(role?.['rolname'])), {
      cause: 'unreachable',
      sqlState: '28P01',
    })
    await fresh[Symbol.asyncDispose]()
  } finally {
    await writeFile(file, rules)
    await postgres.asOwner('select pg_reload_conf()')
  }
})

let fixture: Promise<Fixture> | undefined
/** None of these tests changes anything, so they share a database. */
function shared(): Promise<Fixture> {
  fixture ??= postgres.open()
  return fixture
}
test.after(async () => (await fixture)?.[Symbol.asyncDispose]())

async function connectAs(role: string): Promise<Connection> {
  return (await shared()).server.connect({ role, password: 'not asked on a socket' })
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Clock, createSystemClock, createWorld } from '../kernel/index.ts'
import { createTestTelemetry, failureOf, Fixture, TestServer } from './data.fixture.ts'
import { openDatabase } from './open-database.ts'
import type { Database } from './database.ts'
import type { DatabaseServer } from './port.ts'

const postgres = await TestServer.start()
const create = {
  '0001-create-item.sql':
    "create table item (sku text primary key);\ninsert into item values ('a');",
}

async function open(server: DatabaseServer, files: Record<string, string>): Promise<Database> {
  const world = createWorld()
  const modules = [{ name: 'stockRoom', migrations: await postgres.folderOf(files) }]
  return openDatabase({ server, modules, world, telemetry: createTestTelemetry(world) })
}

/** Opens and closes: `files` are applied. */
async function apply(server: DatabaseServer, files: Record<string, string>): Promise<void> {
  await (await open(server, files)).close()
}

const appliedText =
  "select stream || ' ' || file as file from stock_room.banyan_migration order by 1"

async function appliedIn(server: DatabaseServer): Promise<unknown[]> {
  const { ask } = await import('./ask.ts')
  const owner = await server.connect()
  const { rows } = await ask(owner, appliedText)
  await owner.close()
  return rows.map((row) => row['file'])
}

test('four instances that boot at once apply each migration once', async () => {
  const server = await postgres.empty()
  const opened = await Promise.all([1, 2, 3, 4].map(() => open(server, create)))
  for (const database of opened) await database.ping()
  for (const database of opened) await database.close()
  assert.deepEqual(await appliedIn(server), [
    'module 0001-create-item.sql',
    'platform 0001-idempotency.sql',
  ])
})

test('a new file is applied at the next start, and only that', async () => {
  const server = await postgres.empty()
  await apply(server, create)
  const second = { ...create, '0002-more.sql': 'alter table item add column name text;\n' }
  await apply(server, second)
  await apply(server, second)
  assert.equal((await appliedIn(server)).length, 3)
})

test('a file changed after it was applied is refused with both checksums', async () => {
  const server = await postgres.empty()
  await apply(server, create)
  const error = await failureOf(
    apply(server, { '0001-create-item.sql': 'create table item (sku text);' }),
  )
  assert.equal(error.code, 'DATA_MIGRATION_CHANGED')
  assert.match(
    error.message,
    /0001-create-item\.sql was changed .*sha256 [0-9a-f]{64}, found [0-9a-f]{64}/,
  )
})

test('other line ends are no change', async () => {
  const server = await postgres.empty()
  await apply(server, create)
  const text = create['0001-create-item.sql'].replaceAll('\n', '\r\n')
  await apply(server, { '0001-create-item.sql': text })
})

test('an applied file that vanished or was renamed is refused', async () => {
  const server = await postgres.empty()
  const both = { ...create, '0002-more.sql': 'select 1;' }
  await apply(server, both)
  const vanished = await failureOf(apply(server, create))
  assert.equal(vanished.code, 'DATA_MIGRATION_VANISHED')
  assert.match(vanished.message, /0002-more\.sql/)
  const renamed = await failureOf(apply(server, { ...create, '0002-other.sql': 'select 1;' }))
  assert.equal(renamed.code, 'DATA_MIGRATION_CHANGED')
})

const refused: readonly (readonly [string, Record<string, string>, string])[] = [
  ['a gap in the numbers', { ...create, '0003-x.sql': '' }, 'DATA_MIGRATION_NUMBER_INVALID'],
  ['a number used twice', { ...create, '0001-x.sql': '' }, 'DATA_MIGRATION_NUMBER_INVALID'],
  ['a file that is not named like one', { 'create.sql': '' }, 'DATA_MIGRATION_NAME_INVALID'],
  ['a COMMIT', { '0001-x.sql': 'select 1; commit; select 2;' }, 'DATA_MIGRATION_FORBIDDEN'],
  ['a change of role', { '0001-x.sql': '/* x */ RESET ROLE' }, 'DATA_MIGRATION_FORBIDDEN'],
  [
    'an extension that is not trusted',
    { '0001-x.sql': '-- banyan: extension postgres_fdw\nselect 1' },
    'DATA_EXTENSION_REFUSED',
  ],
  [
    'an extension that is not there',
    { '0001-x.sql': '-- banyan: extension vector\nselect 1' },
    'DATA_EXTENSION_REFUSED',
  ],
]
for (const [what, files, code] of refused) {
  test(`${what} is refused`, async () => {
    assert.equal((await failureOf(apply(await postgres.empty(), files))).code, code)
  })
}

test('a folder that is not there is named', async () => {
  const world = createWorld()
  const modules = [{ name: 'stock', migrations: new URL('file:///nowhere/sql/') }]
  const server = postgres.server
  const missing = openDatabase({ server, modules, world, telemetry: createTestTelemetry(world) })
  assert.equal((await failureOf(missing)).code, 'DATA_MIGRATION_UNREADABLE')
  const noSlash = [{ name: 'stock', migrations: new URL('file:///nowhere/sql') }]
  const wrong = openDatabase({
    server,
    modules: noSlash,
    world,
    telemetry: createTestTelemetry(world),
  })
  assert.match((await failureOf(wrong)).message, /slash/)
})

test('an error of the server is reported with file, line and column, and nothing is left', async () => {
  const server = await postgres.empty()
  const text = 'create table item (sku text);\n\nselect nothing\n  from item;'
  const error = await failureOf(apply(server, { '0001-x.sql': text }))
  assert.equal(error.code, 'DATA_MIGRATION_FAILED')
  assert.match(error.message, /^0001-x\.sql:3:8: column "nothing" does not exist/)
  await apply(server, { '0001-x.sql': 'create table item (sku text);' })
})

test('an index is built concurrently outside of a transaction', async () => {
  const server = await postgres.empty()
  const index =
    '-- banyan: no-transaction\ncreate index concurrently if not exists item_sku on item (sku);'
  const opened = await Promise.all(
    [1, 2, 3].map(() => open(server, { ...create, '0002-index.sql': index })),
  )
  for (const database of opened) await database.close()
  assert.equal((await appliedIn(server)).length, 3)
})

test('an index that could not be built is reported until it is removed', async () => {
  const server = await postgres.empty()
  const files = {
    ...create,
    '0002-twice.sql': "alter table item drop constraint item_pkey; insert into item values ('a');",
    '0003-index.sql':
      '-- banyan: no-transaction\ncreate unique index concurrently if not exists item_sku on item (sku);',
  }
  const failed = await failureOf(apply(server, files))
  assert.equal(failed.code, 'DATA_MIGRATION_FAILED')
  assert.match(failed.message, /^0003-index\.sql:2:1: .*duplicated/)
  assert.equal((await failureOf(apply(server, files))).code, 'DATA_MIGRATION_INDEX_INVALID')
  await postgres.asOwner('drop index stock_room.item_sku; delete from stock_room.item', server)
  await apply(server, files)
})

test('an extension that a migration asks for is usable by every module', async () => {
  const server = await postgres.empty()
  const text =
    '-- banyan: extension pg_trgm\ncreate table item (name text); create index on item using gin (name gin_trgm_ops);'
  await apply(server, { '0001-x.sql': text })
})

test('a migration that meets a lock tries again', async () => {
  const server = await postgres.empty()
  await apply(server, create)
  const holder = await server.connect()
  const { runScript } = await import('./ask.ts')
  await runScript(holder, 'begin; lock table stock_room.item')
  const applying = apply(server, {
    ...create,
    '0002-more.sql': 'alter table item add column x int;',
  })
  await new Promise((resolve) => setTimeout(resolve, 2_400))
  await runScript(holder, 'rollback')
  await applying
  await holder.close()
})

test('what is done already costs the next start almost nothing', async () => {
  await using first = await postgres.open()
  const startMs = performance.now()
  const modules = await postgres.modules()
  await using second = await Fixture.open(first.server, modules, {})
  assert.ok(performance.now() - startMs < 500)
  await second.database.ping()
})

test('an instance that has waited ten minutes for another gives up', async () => {
  const server = await postgres.empty()
  const { runScript } = await import('./ask.ts')
  const holder = await server.connect()
  await runScript(holder, `begin; select pg_advisory_xact_lock(${0x62616e79616e})`)
  const machine = createSystemClock()
  const clock: Clock = {
    nowMs: () => machine.nowMs(),
    after: (delayMs, run, options) => machine.after(delayMs, run, options),
    monotonicMs: () => machine.monotonicMs() * 100_000,
  }
  const world = createWorld({ clock })
  const busy = openDatabase({ server, modules: [], world, telemetry: createTestTelemetry(world) })
  assert.equal((await failureOf(busy)).code, 'DATA_MIGRATION_LOCK_BUSY')
  await holder.close()
})

test('a server that is not there is reported with its address', async () => {
  const { createPostgresServer } = await import('../engines/postgres/client/index.ts')
  const world = createWorld()
  const server = createPostgresServer({ url: 'postgres://someone@127.0.0.1:1/nowhere' })
  const failed = openDatabase({ server, modules: [], world, telemetry: createTestTelemetry(world) })
  const error = await failureOf(failed)
  assert.equal(error.code, 'DATA_UNAVAILABLE')
  assert.match(error.message, /127\.0\.0\.1:1\/nowhere/)
})

test('a database URL that cannot be read is refused without repeating it', async () => {
  const { createPostgresServer } = await import('../engines/postgres/client/index.ts')
  for (const url of ['mysql://a:secret@b/c', 'postgres://', 'nonsense']) {
    assert.throws(
      () => createPostgresServer({ url }),
      (error: { code: string; message: string }) =>
        error.code === 'POSTGRES_URL_INVALID' && !error.message.includes('secret'),
    )
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { kernelFaultInjected } from '../kernel/index.ts'
import { failureOf, TestServer } from './data.fixture.ts'

const postgres = await TestServer.start()
const sleepFor = (seconds: number): ReturnType<typeof sql> => sql`select pg_sleep(${seconds})`

/** Ends the backend of everybody connected as a role like `%_<kind>`, once one runs `running`. */
const killText = `select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and usename like $1 and query like $2`

async function killWhenRunning(
  fixture: Awaited<ReturnType<typeof postgres.open>>,
  kind: string,
  running: string,
): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const killed = await fixture.asOwner(killText, [`%_${kind}`, `%${running}%`])
    if (killed.length > 0) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error(`no backend ran ${running}`)
}

test('a deadline in the middle of a read ends it, and the connection serves on', async () => {
  await using fixture = await postgres.open({ limits: { readConnectionsMax: 1 } })
  const slow = fixture
    .reader(fixture.context(150))
    .selectNoFrom(sql`pg_sleep(30)`.as('slept'))
    .execute()
  const startMs = performance.now()
  assert.equal((await failureOf(slow)).code, 'DATA_DEADLINE_EXCEEDED')
  assert.ok(performance.now() - startMs < 1_000)
  const rows = await fixture.reader().selectFrom('item').selectAll().execute()
  assert.equal(rows.length, 2)
  const [busy] = await fixture.asOwner(
    `select count(*)::int as n from pg_stat_activity where query like '%pg_sleep(30)%' and state = 'active' and pid <> pg_backend_pid() and datname = current_database()`,
  )
  assert.equal(busy?.['n'], 0, 'the server no longer sleeps')
})

test('a read cancelled beside others does not harm them', async () => {
  await using fixture = await postgres.open({ limits: { readConnectionsMax: 1 } })
  await fixture.reader().selectFrom('item').selectAll().execute()
  const context = fixture.context(100)
  const slow = failureOf(
    fixture.reader(context).selectNoFrom(sql`pg_sleep(30)`.as('slept')).execute(),
  )
  const others = Array.from({ length: 50 }, () =>
    fixture.reader().selectFrom('item').selectAll().execute(),
  )
  assert.equal((await slow).code, 'DATA_DEADLINE_EXCEEDED')
  for (const rows of await Promise.all(others)) assert.equal(rows.length, 2)
})

const cancelText = `select pg_cancel_backend(pid) from pg_stat_activity
  where datname = current_database() and usename like '%_reader' and query like '%pg_sleep(0.3)%'
    and state = 'active'`

test('a cancel that hits the next read instead of its own: that read is sent again', async () => {
  await using fixture = await postgres.open({ limits: { readConnectionsMax: 1 } })
  const sleep = (seconds: string, timeoutMs?: number): Promise<unknown> =>
    fixture
      .reader(fixture.context(timeoutMs))
      .selectNoFrom(sql.raw(`pg_sleep(${seconds})`).as('slept'))
      .execute()
  const cancelWhenRunning = async (): Promise<void> => {
    while ((await fixture.asOwner(cancelText)).length === 0);
  }
  const alone = failureOf(sleep('0.3'))
  await cancelWhenRunning()
  assert.equal((await alone).code, 'DATA_DEADLINE_EXCEEDED', 'nobody here had cancelled anything')
  await failureOf(sleep('30', 50))
  const hit = sleep('0.3')
  await cancelWhenRunning()
  await hit
})

test('a statement behind a slow one is given up by its own deadline', async () => {
  await using fixture = await postgres.open({ limits: { readConnectionsMax: 1 } })
  await fixture.reader().selectFrom('item').selectAll().execute()
  const slow = fixture.reader().selectNoFrom(sql`pg_sleep(0.4)`.as('slept')).execute()
  const behind = fixture.reader(fixture.context(50)).selectFrom('item').selectAll().execute()
  assert.equal((await failureOf(behind)).code, 'DATA_DEADLINE_EXCEEDED')
  assert.equal((await slow).length, 1)
  assert.equal((await fixture.reader().selectFrom('item').selectAll().execute()).length, 2)
})

test('a deadline in a transaction rolls back and frees its connection', async () => {
  await using fixture = await postgres.open({ limits: { transactionsMax: 1 } })
  const slow = fixture.transact(
    async (tx) => {
      await tx.updateTable('item').set({ available: 0 }).execute()
      await sleepFor(30).execute(tx)
    },
    { context: fixture.context(150) },
  )
  assert.equal((await failureOf(slow)).code, 'DATA_DEADLINE_EXCEEDED')
  const rows = await fixture.transact((tx) =>
    tx.selectFrom('item').selectAll().orderBy('available').execute(),
  )
  assert.deepEqual(
    rows.map((row) => row.available),
    [10, 1000],
  )
})

test('a cancelled context ends its transaction with the reason of the cancellation', async () => {
  await using fixture = await postgres.open({ limits: { transactionsMax: 1 } })
  const context = fixture.context()
  const slow = failureOf(fixture.transact((tx) => sleepFor(30).execute(tx), { context }))
  setTimeout(() => context.cancel(kernelFaultInjected({ point: 'given up' })), 50)
  assert.equal((await slow).code, 'KERNEL_FAULT_INJECTED')
  assert.equal(await fixture.transact(async () => 'free'), 'free')
  const late = fixture.transact(async () => 'never', { context })
  assert.equal((await failureOf(late)).code, 'KERNEL_FAULT_INJECTED')
})

test('work that has run out of time before it begins does not begin', async () => {
  await using fixture = await postgres.open()
  const context = fixture.context(-1)
  assert.equal(
    (await failureOf(fixture.transact(async () => 1, { context }))).code,
    'DATA_DEADLINE_EXCEEDED',
  )
  const read = fixture.reader(context).selectFrom('item').selectAll().execute()
  assert.equal((await failureOf(read)).code, 'DATA_DEADLINE_EXCEEDED')
})

test('who waits too long for a connection is told that the pool is exhausted', async () => {
  await using fixture = await postgres.open({
    limits: { transactionsMax: 1, waitersMax: 1, waitMsMax: 100 },
  })
  const holding = fixture.transact((tx) => sleepFor(0.5).execute(tx))
  const waiting = failureOf(fixture.transact(async () => 1))
  const late = failureOf(fixture.transact(async () => 1, { context: fixture.context(50) }))
  assert.match((await late).message, /1 transactions already wait/)
  assert.equal((await waiting).code, 'DATA_POOL_EXHAUSTED')
  await holding
  assert.equal(await fixture.transact(async () => 'free'), 'free')
})

test('readers beyond depth and queue are refused, and none is lost', async () => {
  await using fixture = await postgres.open({
    limits: { readConnectionsMax: 1, readDepthMax: 2, waitersMax: 3 },
  })
  await fixture.reader().selectFrom('item').selectAll().execute()
  const all = await Promise.allSettled(
    Array.from({ length: 8 }, () => fixture.reader().selectFrom('item').selectAll().execute()),
  )
  const refused = all.filter((one) => one.status === 'rejected')
  assert.equal(refused.length, 3)
  for (const one of refused) assert.equal(one.reason.code, 'DATA_POOL_EXHAUSTED')
})

test('a read whose backend is killed is sent again elsewhere', async () => {
  await using fixture = await postgres.open()
  const slow = fixture.reader().selectNoFrom(sql`pg_sleep(0.3)`.as('slept')).execute()
  await killWhenRunning(fixture, 'reader', 'pg_sleep')
  assert.equal((await slow).length, 1)
})

test('a backend killed during a statement of a transaction: nothing happened', async () => {
  await using fixture = await postgres.open()
  const work = fixture.transact(async (tx) => {
    await tx.updateTable('item').set({ available: 0 }).execute()
    await sleepFor(30).execute(tx)
  })
  const failure = failureOf(work)
  await killWhenRunning(fixture, 'writer', 'pg_sleep')
  assert.equal((await failure).code, 'DATA_UNAVAILABLE')
  const rows = await fixture
    .reader()
    .selectFrom('item')
    .selectAll()
    .where('available', '=', 0)
    .execute()
  assert.deepEqual(rows, [])
})

test('a backend killed between the last statement and COMMIT: nothing happened', async () => {
  await using fixture = await postgres.open()
  const work = fixture.transact(async (tx) => {
    await tx.updateTable('item').set({ available: 0 }).execute()
    await killWhenRunning(fixture, 'writer', 'update')
    await new Promise((resolve) => setTimeout(resolve, 50))
  })
  assert.equal((await failureOf(work)).code, 'DATA_UNAVAILABLE')
})

test('a backend killed at COMMIT: the outcome is unknown', async () => {
  await using fixture = await postgres.open()
  await fixture.asOwner(`create function stock.dawdle() returns trigger language plpgsql
    as 'begin perform pg_sleep(30); return null; end'`)
  await fixture.asOwner(`create constraint trigger dawdle after insert on stock.sale
    deferrable initially deferred for each row execute function stock.dawdle()`)
  await fixture.asOwner('grant execute on function stock.dawdle() to public')
  const failure = failureOf(
    fixture.transact((tx) =>
      tx.insertInto('sale').values({ id: 's', sku: 'lamp', quantity: 1 }).execute(),
    ),
  )
  await killWhenRunning(fixture, 'writer', 'commit')
  assert.equal((await failure).code, 'DATA_OUTCOME_UNKNOWN')
})

test('a deadline while COMMIT is on its way: the outcome is unknown', async () => {
  await using fixture = await postgres.open({ limits: { transactionsMax: 1 } })
  await fixture.asOwner(`create function stock.dawdle() returns trigger language plpgsql
    as 'begin perform pg_sleep(0.5); return null; end'`)
  await fixture.asOwner(`create constraint trigger dawdle after insert on stock.sale
    deferrable initially deferred for each row execute function stock.dawdle()`)
  await fixture.asOwner('grant execute on function stock.dawdle() to public')
  const insert = fixture.transact(
    (tx) => tx.insertInto('sale').values({ id: 's', sku: 'lamp', quantity: 1 }).execute(),
    { context: fixture.context(150) },
  )
  assert.equal((await failureOf(insert)).code, 'DATA_OUTCOME_UNKNOWN')
  const rows = await fixture.transact((tx) => tx.selectFrom('sale').selectAll().execute())
  assert.equal(rows.length, 1, 'it did happen, and the connection came back')
})

test('fault points stand before and after each commit', async () => {
  await using fixture = await postgres.open()
  const { faults } = fixture.world
  const sell = (id: string): Promise<unknown> =>
    fixture.transact((tx) =>
      tx.insertInto('sale').values({ id, sku: 'lamp', quantity: 1 }).execute(),
    )
  faults.arm('data.commit.before', 'fail')
  assert.equal((await failureOf(sell('before'))).code, 'KERNEL_FAULT_INJECTED')
  faults.arm('stock.commit.before', 'fail')
  assert.equal((await failureOf(sell('before2'))).code, 'KERNEL_FAULT_INJECTED')
  faults.arm('data.commit.after', 'fail')
  assert.equal((await failureOf(sell('after'))).code, 'DATA_OUTCOME_UNKNOWN')
  faults.arm('stock.commit.after', 'fail')
  assert.equal((await failureOf(sell('after2'))).code, 'DATA_OUTCOME_UNKNOWN')
  const rows = await fixture.reader().selectFrom('sale').select('id').orderBy('id').execute()
  assert.deepEqual(
    rows.map((row) => row.id),
    ['after', 'after2'],
  )
})

test('statements prepared before a migration of another instance serve on after it', async () => {
  await using fixture = await postgres.open()
  const read = (): Promise<unknown[]> => fixture.reader().selectFrom('item').selectAll().execute()
  const write = (): Promise<unknown[]> =>
    fixture.transact((tx) => tx.selectFrom('item').selectAll().execute())
  for (let round = 0; round < 4; round++) await Promise.all([read(), write()])
  await fixture.asOwner('alter table stock.item add column colour text')
  assert.deepEqual((await read())[0], { sku: 'lamp', available: 10, colour: null })
  assert.equal((await write()).length, 2)
})

test('a lock that is not granted in two seconds is reported as such', async () => {
  await using fixture = await postgres.open()
  const update = (): Promise<unknown> =>
    fixture.transact((tx) => tx.updateTable('item').set({ available: 1 }).execute())
  const held = fixture.transact(async (tx) => {
    await tx.updateTable('item').set({ available: 2 }).execute()
    return failureOf(update())
  })
  assert.equal((await held).code, 'DATA_ROW_LOCKED')
})

test('a server that stops is reported quickly, and used again when it is back', async () => {
  await using fixture = await postgres.open()
  const read = (): Promise<unknown> => fixture.reader().selectFrom('item').selectAll().execute()
  await read()
  await fixture.transact((tx) => tx.selectFrom('item').selectAll().execute())
  await postgres.embedded.stop()
  const startMs = performance.now()
  const error = await failureOf(read())
  assert.equal(error.code, 'DATA_UNAVAILABLE')
  assert.match(error.message, /5432|sock|PGSQL|test_/i)
  assert.equal(
    (await failureOf(fixture.transact((tx) => sql`select 1`.execute(tx)))).code,
    'DATA_UNAVAILABLE',
  )
  assert.equal((await failureOf(fixture.database.ping())).code, 'DATA_UNAVAILABLE')
  assert.ok(performance.now() - startMs < 1_000)
  await postgres.restart()
  await read()
  await fixture.database.ping()
  assert.equal(await fixture.transact(async () => 'back'), 'back')
})

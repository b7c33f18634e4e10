import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { failureOf, TestServer } from './data.fixture.ts'

const postgres = await TestServer.start()

for (const isolation of ['repeatable read', 'serializable'] as const) {
  test(`read-modify-write on one row under ${isolation} loses nothing`, async () => {
    await using fixture = await postgres.open({ limits: { transactionsMax: 3 } })
    await Promise.all(
      Array.from({ length: 30 }, () =>
        fixture.transact(
          async (tx) => {
            const { available } = await tx
              .selectFrom('item')
              .select('available')
              .where('sku', '=', 'chair')
              .executeTakeFirstOrThrow()
            await tx
              .updateTable('item')
              .set({ available: available - 1 })
              .where('sku', '=', 'chair')
              .execute()
          },
          { isolation },
        ),
      ),
    )
    const [row] = await fixture.asOwner("select available from stock.item where sku = 'chair'")
    assert.equal(row?.['available'], 970)
  })
}

test('two transactions that lock each other: one is run again, both succeed', async () => {
  await using fixture = await postgres.open()
  const met = Promise.withResolvers<void>()
  let runs = 0
  let arrived = 0
  const cross = (first: string, second: string): Promise<void> =>
    fixture.transact(async (tx) => {
      runs++
      const take = (sku: string): Promise<unknown> =>
        tx
          .updateTable('item')
          .set((eb) => ({ available: eb('available', '-', 1) }))
          .where('sku', '=', sku)
          .execute()
      await take(first)
      if (++arrived === 2) met.resolve()
      await met.promise
      await take(second)
    })
  await Promise.all([cross('lamp', 'chair'), cross('chair', 'lamp')])
  assert.equal(runs, 3)
  const rows = await fixture.asOwner('select available from stock.item order by sku')
  assert.deepEqual(
    rows.map((row) => row['available']),
    [998, 8],
  )
})

test('a transaction that conflicts every time gives up after ten attempts', async () => {
  await using fixture = await postgres.open()
  let runs = 0
  const stuck = fixture.transact(
    async (tx) => {
      runs++
      await tx.selectFrom('item').selectAll().execute()
      await fixture.asOwner("update stock.item set available = available + 1 where sku = 'lamp'")
      await tx.updateTable('item').set({ available: 1 }).where('sku', '=', 'lamp').execute()
    },
    { isolation: 'repeatable read' },
  )
  assert.equal((await failureOf(stuck)).code, 'DATA_TRANSACTION_CONTENDED')
  assert.equal(runs, 10)
})

test('two hundred transactions through four connections all happen, and never more than four at once', async () => {
  await using fixture = await postgres.open({ limits: { transactionsMax: 4 } })
  await Promise.all(
    Array.from({ length: 200 }, (_, index) =>
      fixture.transact(async (tx) => {
        await tx
          .insertInto('sale')
          .values({ id: `s${index}`, sku: 'lamp', quantity: 1 })
          .execute()
        await sql`select 1`.execute(tx)
      }),
    ),
  )
  const [sales] = await fixture.asOwner('select count(*)::int as n from stock.sale')
  assert.equal(sales?.['n'], 200)
  const [backends] = await fixture.asOwner(
    "select count(*)::int as n from pg_stat_activity where datname = current_database() and usename like '%stock_writer'",
  )
  assert.equal(backends?.['n'], 4)
})

test('connections that nobody uses are closed', async () => {
  await using fixture = await postgres.open({ limits: { idleMsMax: 100 } })
  await fixture.reader().selectFrom('item').selectAll().execute()
  await fixture.transact((tx) => sql`select 1`.execute(tx))
  const backends = async (): Promise<unknown> => {
    const [row] = await fixture.asOwner(
      "select count(*)::int as n from pg_stat_activity where datname = current_database() and usename like 'banyan\\_%'",
    )
    return row?.['n']
  }
  assert.equal(await backends(), 2)
  await new Promise((resolve) => setTimeout(resolve, 400))
  assert.equal(await backends(), 0)
  assert.equal((await fixture.reader().selectFrom('item').selectAll().execute()).length, 2)
})

test('closing waits for what runs', async () => {
  const fixture = await postgres.open()
  const running = fixture.transact((tx) => sql`select pg_sleep(0.2)`.execute(tx))
  const reading = fixture.reader().selectFrom('item').selectAll().execute()
  await new Promise((resolve) => setTimeout(resolve, 50))
  await fixture.database.close()
  await Promise.all([running, reading])
})

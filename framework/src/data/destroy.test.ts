import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { TestServer } from './data.fixture.ts'

const postgres = await TestServer.start()

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'fulfilled',
    (error: { code: string }) => error.code,
  )
}

test('a database that is destroyed leaves nothing that was not committed, and takes nothing more', async () => {
  const fixture = await postgres.open()
  await using watching = await postgres.open()
  const written = Promise.withResolvers<void>()
  const held = Promise.withResolvers<void>()
  const transaction = codeOf(
    fixture.transact(async (tx) => {
      await tx.updateTable('item').set({ available: 1 }).where('sku', '=', 'lamp').execute()
      written.resolve()
      await held.promise
      return tx.selectFrom('item').selectAll().execute()
    }),
  )
  const nap = sql<string>`pg_sleep(5)::text`.as('nap')
  const reading = codeOf(fixture.reader().selectFrom('item').select(nap).execute())
  await written.promise
  fixture.database.destroy()
  held.resolve()
  assert.equal(await transaction, 'DATA_UNAVAILABLE')
  assert.equal(await reading, 'DATA_CLOSED')
  const items = fixture.reader().selectFrom('item').selectAll().execute()
  assert.equal(await codeOf(items), 'DATA_CLOSED')
  assert.equal(await codeOf(fixture.transact(async () => 1)), 'DATA_CLOSED')
  const [lamp] = await fixture.asOwner(
    "select available from stock.item where sku = 'lamp' for update",
  )
  assert.equal(lamp?.['available'], 10)
  assert.equal((await watching.reader().selectFrom('item').selectAll().execute()).length, 2)
  await fixture[Symbol.asyncDispose]()
})

test('a connection that opens after the end is cut, and who waited for it is told', async () => {
  const fixture = await postgres.open()
  const transaction = codeOf(fixture.transact((tx) => tx.selectFrom('item').selectAll().execute()))
  const reading = codeOf(fixture.reader().selectFrom('item').selectAll().execute())
  fixture.database.destroy()
  assert.deepEqual([await transaction, await reading], ['DATA_CLOSED', 'DATA_CLOSED'])
  const backends = async (): Promise<unknown> => {
    const text = `select count(*)::int as n from pg_stat_activity
      where datname = current_database() and usename like 'banyan\\_%'`
    return (await fixture.asOwner(text))[0]?.['n']
  }
  for (let tries = 0; tries < 100 && (await backends()) !== 0; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  assert.equal(await backends(), 0)
  await fixture[Symbol.asyncDispose]()
})

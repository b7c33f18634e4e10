/**
 * Point reads and three-statement transactions through the data room against Kysely on a `pg` pool,
 * on the same server, in alternating rounds. By hand:
 *   node --conditions=source framework/src/data/data.bench.ts
 */
import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { type Fixture, type Rows, TestServer } from './data.fixture.ts'
import type { TableReader, TableWriter } from './tables.ts'

const callers = 64
const rounds = 5
const roundMs = 1_000

type Work = () => Promise<unknown>

/** Calls per second of `callers` closed loops. */
async function measure(work: Work): Promise<number> {
  const startMs = performance.now()
  let calls = 0
  const loop = async (): Promise<void> => {
    while (performance.now() - startMs < roundMs) {
      await work()
      calls++
    }
  }
  await Promise.all(Array.from({ length: callers }, loop))
  return (calls * 1_000) / (performance.now() - startMs)
}

async function compare(name: string, ours: Work, theirs: Work): Promise<void> {
  const rates: [number[], number[]] = [[], []]
  await measure(ours)
  await measure(theirs)
  for (let round = 0; round < rounds; round++) {
    rates[0].push(await measure(ours))
    rates[1].push(await measure(theirs))
  }
  const [own, other] = rates.map(median) as [number, number]
  const ratio = (own / other).toFixed(2)
  console.log(
    `${name}: data room ${own.toFixed(0)}/s, Kysely on pg ${other.toFixed(0)}/s, ${ratio}x`,
  )
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

let skus = 0
/** Visits the thousand articles in an order without runs. */
const nextSku = (): string => `sku-${(skus += 379) % 1_000}`

const read = (db: TableReader<Rows> | Kysely<Rows>): Promise<unknown> =>
  (db as Kysely<Rows>)
    .selectFrom('item')
    .select(['sku', 'available'])
    .where('sku', '=', nextSku())
    .executeTakeFirst()

let sales = 0
async function sell(tx: TableWriter<Rows>): Promise<void> {
  const sku = nextSku()
  await tx.selectFrom('item').select('available').where('sku', '=', sku).executeTakeFirst()
  await tx
    .updateTable('item')
    .set((eb) => ({ available: eb('available', '+', 1) }))
    .where('sku', '=', sku)
    .execute()
  await tx
    .insertInto('sale')
    .values({ id: `s-${sales++}`, sku, quantity: 1 })
    .execute()
}

async function run(fixture: Fixture, plain: Kysely<Rows>): Promise<void> {
  await fixture.asOwner(
    "insert into stock.item select 'sku-' || n, 1 from generate_series(0, 999) n",
  )
  await compare(
    'point read',
    () => read(fixture.reader()),
    () => read(plain),
  )
  await compare(
    'transaction of 3 statements',
    () => fixture.transact(sell),
    () => plain.transaction().execute(sell),
  )
  const claim = { scope: 's', operation: 'stock.sell', step: 0, fingerprint: new Uint8Array(32) }
  let key = 0
  await compare(
    'the same with an idempotency key (Kysely without)',
    () => fixture.transact(sell, { claim: { ...claim, key: `k${key++}` } }),
    () => plain.transaction().execute(sell),
  )
}

const postgres = await TestServer.start()
const fixture = await postgres.open()
const { host, port, user } = postgres.embedded
const pool = new pg.Pool({
  host,
  port,
  user,
  database: fixture.server.database,
  max: 16,
  options: '-c search_path=stock',
})
const plain = new Kysely<Rows>({ dialect: new PostgresDialect({ pool }) })
await sql`select 1`.execute(plain)
await run(fixture, plain)
await plain.destroy()
await fixture[Symbol.asyncDispose]()

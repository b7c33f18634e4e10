import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { failureOf, Fixture, TestServer } from './data.fixture.ts'

const postgres = await TestServer.start()

test('a query reads typed rows, and a transaction changes them', async () => {
  await using fixture = await postgres.open()
  await fixture.transact(async (tx) => {
    await tx.insertInto('sale').values({ id: 's1', sku: 'lamp', quantity: 2 }).execute()
    const updated = await tx
      .updateTable('item')
      .set((eb) => ({ available: eb('available', '-', 2) }))
      .where('sku', '=', 'lamp')
      .executeTakeFirst()
    assert.equal(updated.numUpdatedRows, 1n)
  })
  const rows = await fixture.reader().selectFrom('item').selectAll().orderBy('sku').execute()
  assert.deepEqual(rows, [
    { sku: 'chair', available: 1000 },
    { sku: 'lamp', available: 8 },
  ])
})

test('a transaction whose work throws leaves nothing behind', async () => {
  await using fixture = await postgres.open()
  const failed = fixture.transact(async (tx) => {
    await tx.insertInto('sale').values({ id: 's1', sku: 'lamp', quantity: 2 }).execute()
    throw new Error('changed my mind')
  })
  await assert.rejects(failed, /changed my mind/)
  assert.deepEqual(await fixture.reader().selectFrom('sale').selectAll().execute(), [])
})

test('columns arrive without loss of precision', async () => {
  await using fixture = await postgres.open()
  const row = await fixture.transact(async (tx) => {
    const { rows } = await sql<Record<string, unknown>>`select
      9007199254740993::int8 as big, 1.10::numeric as exact, '2026-01-02T03:04:05Z'::timestamptz as moment,
      '2026-01-02'::date as day, '{"a":[1]}'::jsonb as json, '\\x00ff'::bytea as bytes,
      array[9007199254740993]::int8[] as bigs, array['a,"b"', null]::text[] as texts,
      array['2026-01-02']::date[] as days, 0.1::float8 as float, true as yes, null::int8 as nothing,
      '2026-01-02 03:04:05'::timestamp as local, '1 day'::interval as span`.execute(tx)
    return rows[0]
  })
  assert.deepEqual(
    { ...row },
    {
      big: 9007199254740993n,
      exact: '1.10',
      moment: new Date('2026-01-02T03:04:05Z'),
      day: '2026-01-02',
      json: { a: [1] },
      bytes: new Uint8Array([0, 255]),
      bigs: [9007199254740993n],
      texts: ['a,"b"', null],
      days: ['2026-01-02'],
      float: 0.1,
      yes: true,
      nothing: null,
      local: '2026-01-02 03:04:05',
      span: '1 day',
    },
  )
})

test('values of every kind come back as they were sent', async () => {
  await using fixture = await postgres.open()
  const values = [1n << 62n, new Date(0), new Uint8Array([1, 2]), { a: 'x' }, ['a"\\,', null]]
  const back = await fixture.transact(async (tx) => {
    const { rows } = await sql<Record<string, unknown>>`select ${values[0]}::int8 as a,
      ${values[1]}::timestamptz as b, ${values[2]}::bytea as c, ${values[3]}::jsonb as d,
      ${values[4]}::text[] as e`.execute(tx)
    return Object.values(rows[0] ?? {})
  })
  assert.deepEqual(back, values)
})

test('a value that cannot be sent is refused and the transaction goes on', async () => {
  await using fixture = await postgres.open()
  const count = await fixture.transact(async (tx) => {
    const bad = sql`select ${Symbol('a value')}`.execute(tx)
    assert.equal((await failureOf(bad)).code, 'KERNEL_VALUE_UNENCODABLE')
    return (await tx.selectFrom('item').selectAll().execute()).length
  })
  assert.equal(count, 2)
})

test('statements of one transaction may run side by side', async () => {
  await using fixture = await postgres.open()
  const [first, second] = await fixture.transact((tx) =>
    Promise.all([
      tx.insertInto('sale').values({ id: 's1', sku: 'lamp', quantity: 1 }).execute(),
      tx.selectFrom('sale').selectAll().execute(),
    ]),
  )
  assert.equal(first.length, 1)
  assert.equal(second.length, 1)
})

test('a handle that outlives its transaction is refused', async () => {
  await using fixture = await postgres.open()
  const leaked = await fixture.transact(async (tx) => ({ tx }))
  const late = leaked.tx.selectFrom('item').selectAll().execute()
  assert.equal((await failureOf(late)).code, 'DATA_TRANSACTION_ENDED')
})

test('errors of the server have codes', async () => {
  await using fixture = await postgres.open()
  const duplicate = fixture.transact((tx) =>
    tx.insertInto('item').values({ sku: 'lamp', available: 1 }).execute(),
  )
  const error = await failureOf(duplicate)
  assert.equal(error.code, 'DATA_CONSTRAINT_VIOLATED')
  const { violatedConstraint } = await import('./errors.ts')
  assert.equal(violatedConstraint(error), 'item_pkey')
  assert.equal(violatedConstraint(new Error('x')), undefined)
  const typo = fixture.transact((tx) => sql`selec 1`.execute(tx))
  assert.equal((await failureOf(typo)).code, 'DATA_STATEMENT_FAILED')
  const two = fixture.transact((tx) => sql`select 1; select 2`.execute(tx))
  assert.equal((await failureOf(two)).code, 'DATA_STATEMENT_FAILED')
})

test('a deferred constraint refuses at commit with its name', async () => {
  await using fixture = await postgres.open()
  const failed = fixture.transact(async (tx) => {
    await sql`set constraints all deferred`.execute(tx)
    await tx.insertInto('sale').values({ id: 's', sku: 'nothing', quantity: 1 }).execute()
  })
  const error = await failureOf(failed)
  assert.equal(error.code, 'DATA_CONSTRAINT_VIOLATED')
  assert.match(error.message, /sale_sku_fkey/)
})

test('an error that the work swallows still fails the transaction', async () => {
  await using fixture = await postgres.open()
  const failed = fixture.transact(async (tx) => {
    await tx
      .insertInto('item')
      .values({ sku: 'lamp', available: 1 })
      .execute()
      .catch(() => {})
    return 'fine'
  })
  assert.equal((await failureOf(failed)).code, 'DATA_CONSTRAINT_VIOLATED')
})

test('what a handle cannot do is refused with the way out', async () => {
  await using fixture = await postgres.open()
  const reader = fixture.reader()
  const nested = reader.transaction().execute(async () => 1)
  assert.equal((await failureOf(nested)).code, 'DATA_HANDLE_UNSUPPORTED')
  const stream = async (): Promise<void> => {
    for await (const row of reader.selectFrom('item').selectAll().stream()) assert.ok(row)
  }
  assert.equal((await failureOf(stream())).code, 'DATA_HANDLE_UNSUPPORTED')
})

test('a module without tables is unknown, and a closed database refuses', async () => {
  const fixture = await postgres.open()
  assert.throws(() => fixture.database.of('nobody'), { code: 'DATA_MODULE_UNKNOWN' })
  await fixture.database.ping()
  await fixture[Symbol.asyncDispose]()
  await fixture.database.close()
  const read = fixture.reader().selectFrom('item').selectAll().execute()
  assert.equal((await failureOf(read)).code, 'DATA_CLOSED')
  assert.equal((await failureOf(fixture.transact(async () => 1))).code, 'DATA_CLOSED')
})

test('statements are spans below the request, and are counted', async () => {
  await using fixture = await postgres.open()
  const before = fixture.telemetry.tracer.ring.written
  await fixture.reader().selectFrom('item').selectAll().execute()
  const [span] = fixture.telemetry.tracer.read(before)
  assert.equal(span?.name, 'sql select stock')
  assert.equal(span?.parentSpanId, '2'.repeat(16))
  const text = fixture.telemetry.metrics.text()
  assert.match(text, /banyan_sql_statement_seconds_count\{module="stock"\} 1/)
  assert.match(text, /banyan_sql_connections\{module="stock",pool="read"\} 1/)
})

test('statements are prepared under names, or not where a pooler cannot keep them', async () => {
  await using fixture = await postgres.open({ limits: { transactionsMax: 1 } })
  const named = async (from: Fixture): Promise<unknown> => {
    const pool = (): Promise<{ n: number } | undefined> =>
      from.transact(async (tx) => {
        await tx.selectFrom('item').select('sku').execute()
        const { rows } = await sql<{
          n: number
        }>`select count(*)::int as n from pg_prepared_statements
          where statement = 'select "sku" from "item"'`.execute(tx)
        return rows[0]
      })
    await pool()
    return (await pool())?.n
  }
  assert.equal(await named(fixture), 1)
  const server = { ...fixture.server, statementNames: false }
  await using unnamed = await Fixture.open(server, await postgres.modules(), {})
  assert.equal(await named(unnamed), 0)
})

test('a limit out of range is refused', async () => {
  for (const limits of [{ transactionsMax: 0 }, { readDepthMax: 1.5 }, { idleMsMax: 1 }]) {
    assert.equal((await failureOf(postgres.open({ limits }))).code, 'DATA_LIMIT_INVALID')
  }
})

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { createWorld, createSystemClock, type Clock } from '../kernel/index.ts'
import type { IdempotencyClaim } from './database.ts'
import { failureOf, type Fixture, TestServer } from './data.fixture.ts'

const postgres = await TestServer.start()

const claimOf = (key: string, body = 'body', step = 0): IdempotencyClaim => ({
  scope: 'customer-1',
  operation: 'stock.sell',
  key,
  step,
  fingerprint: createHash('sha256').update(body).digest(),
})

const result = { id: 's1', total: 123n, at: new Date(5), lines: new Map([['a', undefined]]) }

async function sell(fixture: Fixture, claim: IdempotencyClaim): Promise<typeof result> {
  return fixture.transact(
    async (tx) => {
      await tx
        .updateTable('item')
        .set((eb) => ({ available: eb('available', '-', 1) }))
        .where('sku', '=', 'lamp')
        .execute()
      return result
    },
    { claim },
  )
}

async function lampsOf(fixture: Fixture): Promise<unknown> {
  const [row] = await fixture.asOwner("select available from stock.item where sku = 'lamp'")
  return row?.['available']
}

test('fifty callers with one key: one effect and fifty equal answers', async () => {
  await using fixture = await postgres.open()
  const claim = claimOf('k1')
  const answers = await Promise.all(Array.from({ length: 50 }, () => sell(fixture, claim)))
  for (const answer of answers) assert.deepEqual(answer, result)
  assert.equal(await lampsOf(fixture), 9)
})

test('without a key fifty callers have fifty effects', async () => {
  await using fixture = await postgres.open()
  const add = (): Promise<unknown> =>
    fixture.transact((tx) =>
      tx
        .updateTable('item')
        .set((eb) => ({ available: eb('available', '+', 1) }))
        .where('sku', '=', 'lamp')
        .execute(),
    )
  await Promise.all(Array.from({ length: 50 }, add))
  assert.equal(await lampsOf(fixture), 60)
})

test('fifty serializable callers with one key: one effect', async () => {
  await using fixture = await postgres.open()
  const claim = claimOf('k1')
  const answers = await Promise.all(
    Array.from({ length: 50 }, () =>
      fixture.transact(
        async (tx) => {
          const { available } = await tx
            .selectFrom('item')
            .select('available')
            .where('sku', '=', 'lamp')
            .executeTakeFirstOrThrow()
          await tx
            .updateTable('item')
            .set({ available: available - 1 })
            .where('sku', '=', 'lamp')
            .execute()
          return available
        },
        { claim, isolation: 'serializable' },
      ),
    ),
  )
  assert.deepEqual(new Set(answers), new Set([10]))
  assert.equal(await lampsOf(fixture), 9)
})

test('another body under the same key is refused', async () => {
  await using fixture = await postgres.open()
  await sell(fixture, claimOf('k1'))
  const error = await failureOf(sell(fixture, claimOf('k1', 'another body')))
  assert.equal(error.code, 'DATA_IDEMPOTENCY_MISMATCH')
  assert.equal(await lampsOf(fixture), 9)
})

test('scope, operation, key and step tell claims apart', async () => {
  await using fixture = await postgres.open()
  await sell(fixture, claimOf('k1'))
  await sell(fixture, claimOf('k2'))
  await sell(fixture, claimOf('k1', 'body', 1))
  await sell(fixture, { ...claimOf('k1'), scope: 'customer-2' })
  assert.equal(await lampsOf(fixture), 6)
})

test('a failed command is not recorded: the key can be used again', async () => {
  await using fixture = await postgres.open()
  const failing = fixture.transact(
    async () => {
      throw new Error('card declined')
    },
    { claim: claimOf('k1') },
  )
  await assert.rejects(failing, /card declined/)
  await sell(fixture, claimOf('k1'))
  assert.equal(await lampsOf(fixture), 9)
})

test('a key whose command still runs after two seconds is in flight', async () => {
  await using fixture = await postgres.open()
  const started = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  const holding = fixture.transact(
    async () => {
      started.resolve()
      await release.promise
      return 1
    },
    { claim: claimOf('k1') },
  )
  await started.promise
  const error = await failureOf(sell(fixture, claimOf('k1')))
  release.resolve()
  assert.equal(error.code, 'DATA_IDEMPOTENCY_IN_FLIGHT')
  assert.equal(await holding, 1)
})

test('an answer lost after the commit is found again by the same key', async () => {
  await using fixture = await postgres.open()
  fixture.world.faults.arm('data.commit.after', 'fail')
  assert.equal((await failureOf(sell(fixture, claimOf('k1')))).code, 'DATA_OUTCOME_UNKNOWN')
  assert.deepEqual(await sell(fixture, claimOf('k1')), result)
  assert.equal(await lampsOf(fixture), 9)
})

test('a key is forgotten after 48 hours, swept or not', async () => {
  let shiftMs = 0
  const machine = createSystemClock()
  const clock: Clock = {
    ...machine,
    monotonicMs: () => machine.monotonicMs(),
    nowMs: () => machine.nowMs() + shiftMs,
  }
  await using fixture = await postgres.open({ world: createWorld({ clock }) })
  await sell(fixture, claimOf('k1'))
  shiftMs = 47 * 3_600_000
  await sell(fixture, claimOf('k1'))
  assert.equal(await lampsOf(fixture), 9)
  shiftMs = 49 * 3_600_000
  await sell(fixture, claimOf('k1', 'even another body'))
  assert.equal(await lampsOf(fixture), 8)
  assert.equal(await fixture.database.sweep(), 0, 'the row was renewed')
  shiftMs = 98 * 3_600_000
  assert.equal(await fixture.database.sweep(), 1)
  assert.deepEqual(await fixture.asOwner('select * from stock.banyan_idempotency'), [])
})

test('the sweep deletes in batches and leaves what is alive', async () => {
  await using fixture = await postgres.open()
  await fixture.asOwner(`insert into stock.banyan_idempotency
    select 's', 'o', n::text, 0, sha256('x'), '1', now(), now() + (n - 2500) * interval '1 hour'
    from generate_series(1, 2600) n`)
  assert.equal(await fixture.database.sweep(), 2500)
})

test('a claim out of bounds and a result too large are refused', async () => {
  await using fixture = await postgres.open()
  for (const claim of [
    claimOf(''),
    claimOf('k'.repeat(256)),
    { ...claimOf('k'), fingerprint: new Uint8Array(3) },
  ]) {
    assert.equal((await failureOf(sell(fixture, claim))).code, 'DATA_IDEMPOTENCY_CLAIM_INVALID')
  }
  const large = fixture.transact(async () => 'x'.repeat(300_000), { claim: claimOf('large') })
  assert.equal((await failureOf(large)).code, 'DATA_RESULT_TOO_LARGE')
  const odd = fixture.transact(async () => () => 1, { claim: claimOf('odd') })
  assert.equal((await failureOf(odd)).code, 'KERNEL_VALUE_UNENCODABLE')
})

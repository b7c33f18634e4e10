import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connectAsOwner } from '../../testing/owner-query.ts'
import { openTestShop, shippingAddress, type TestShop } from '../../testing/test-shop.ts'
import { checkout } from '../checkout/contract.ts'
import { money } from '../money/index.ts'
import { ledger } from './contract.ts'
import { isEqual, joinTotals } from './reconcile.ts'

/** Runs the night's job, and reads its report as a clerk. */
async function lookTonight(shop: TestShop) {
  await shop.app.runSchedule('ledger.crons.nightly')
  await shop.app.messagesSettled()
  return readReport(shop)
}

async function readReport(shop: TestShop) {
  await using owner = await connectAsOwner(shop.app.server)
  const rows = await owner.query('select day::text as day from ledger.reconciliation')
  assert.equal(rows.length, 1)
  return shop.clerk.of(ledger).reconciliation({ day: String(rows[0]?.['day']) })
}

async function buy(shop: TestShop): Promise<void> {
  await shop.stock('BOOT', 3)
  const customer = shop.customer()
  const cartId = await shop.cartWith(customer, 'BOOT')
  const input = { cartId, payment: { instrument: 'tok_visa' }, shippingAddress }
  await customer.of(checkout).submit(input, { idempotencyKey: cartId })
}

test('at night the books are compared with the provider, and the report says that they agree', async () => {
  await using shop = await openTestShop({ messages: true })
  await buy(shop)
  const { lines, look, ...report } = await lookTonight(shop)
  const moved = { capturedMinor: 1_995n, refundedMinor: 0n }
  assert.deepEqual({ look, isEqual: report.isEqual }, { look: 1, isEqual: true })
  assert.deepEqual(lines, [{ currency: 'EUR', booked: moved, provider: moved }])
  await assert.rejects(shop.clerk.of(ledger).reconciliation({ day: '2001-01-01' }), {
    code: 'LEDGER_RECONCILIATION_MISSING',
  })
  await assert.rejects(shop.customer().of(ledger).reconciliation({ day: '2001-01-01' }), {
    kind: 'forbidden',
  })
})

test('a planted difference is found, looked at again, and an error in the end', async () => {
  await using shop = await openTestShop({ messages: true, runner: ['inline', 'wire', 'split'] })
  await buy(shop)
  const postings = [
    { account: 'psp-clearing' as const, amount: money(700n, 'USD') },
    { account: 'sales' as const, amount: money(-700n, 'USD') },
  ]
  const planted = { source: 'sale' as const, reference: 'planted', postings }
  await shop.app.operator.of(ledger).post(planted)
  const first = await lookTonight(shop)
  assert.deepEqual({ look: first.look, isEqual: first.isEqual }, { look: 1, isEqual: false })
  assert.deepEqual(first.lines[1], {
    currency: 'USD',
    booked: { capturedMinor: 700n, refundedMinor: 0n },
    provider: { capturedMinor: 0n, refundedMinor: 0n },
  })
  await using owner = await connectAsOwner(shop.app.server)
  for (const look of [2, 3]) {
    const due = `update ledger.banyan_message set due_at = now() - interval '1 second'
      where state = 1 returning payload::jsonb ->> 'look' as look`
    assert.deepEqual(await owner.query(due), [{ look: `${look}` }])
    for (let tries = 0; tries < 500 && (await readReport(shop)).look < look; tries++) {
      await new Promise((resolve) => void setTimeout(resolve, 20))
    }
  }
  await shop.app.messagesSettled()
  const last = await readReport(shop)
  assert.deepEqual({ look: last.look, isEqual: last.isEqual }, { look: 3, isEqual: false })
  const told = shop.app.logs.filter(({ msg }) =>
    String(msg).startsWith('books and provider differ'),
  )
  assert.deepEqual(
    told.map(({ level, look, differences }) => ({ level, look, differences })),
    [
      { level: 40, look: 1, differences: ['USD: booked 700 - 0, provider 0 - 0'] },
      { level: 40, look: 2, differences: ['USD: booked 700 - 0, provider 0 - 0'] },
      { level: 50, look: 3, differences: ['USD: booked 700 - 0, provider 0 - 0'] },
    ],
  )
  assert.deepEqual(await owner.query('select from ledger.banyan_message'), [])
})

test('a currency that only one side knows is a difference, unless nothing moved in it', () => {
  const none = { capturedMinor: 0n, refundedMinor: 0n }
  const some = { capturedMinor: 5n, refundedMinor: 5n }
  assert.ok(isEqual(joinTotals([{ currency: 'EUR', ...none }], [])))
  assert.ok(!isEqual(joinTotals([{ currency: 'EUR', ...some }], [])))
  assert.ok(!isEqual(joinTotals([], [{ currency: 'GBP', ...some }])))
  assert.deepEqual(
    joinTotals([{ currency: 'USD', ...some }], [{ currency: 'EUR', ...some }]).map(
      ({ currency }) => currency,
    ),
    ['EUR', 'USD'],
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestShop, shippingAddress } from '../../testing/test-shop.ts'
import { inventory } from '../inventory/contract.ts'
import { ledger } from '../ledger/contract.ts'
import { payments } from '../payments/contract.ts'
import { checkout } from './contract.ts'

const buyers = 1_000
const units = 10

test('a thousand buyers of the last ten units: ten orders, 990 clear refusals, books that agree', async (t) => {
  await using shop = await openTestShop({
    // not while instances die: half a thousand calls lost at once are more than may be sent again
    runner: ['inline', 'split'],
    config: { payments: { attemptMs: 5_000 } },
  })
  await shop.stock('LAST', units)
  const carts: { customer: string; cartId: string }[] = []
  for (let start = 0; start < buyers; start += 100) {
    const batch = Array.from({ length: 100 }, async (_, index) => {
      const customer = `buyer-${start + index}`
      return { customer, cartId: await shop.cartWith(shop.customer(customer), 'LAST') }
    })
    carts.push(...(await Promise.all(batch)))
  }
  const startMs = shop.app.world.clock.monotonicMs()
  const outcomes = await Promise.allSettled(
    carts.map(({ customer, cartId }) =>
      shop
        .customer(customer)
        .of(checkout)
        .submit(
          { cartId, payment: { instrument: 'tok_visa' }, shippingAddress },
          { idempotencyKey: cartId },
        ),
    ),
  )
  const elapsedMs = shop.app.world.clock.monotonicMs() - startMs
  const placed = outcomes.filter(
    (outcome) => outcome.status === 'fulfilled' && outcome.value.status === 'placed',
  )
  const refusals = outcomes.filter(
    (outcome) => outcome.status === 'rejected' && checkout.failures.soldOut.is(outcome.reason),
  )
  const others = outcomes.filter(
    (outcome) => !placed.includes(outcome) && !refusals.includes(outcome),
  )
  assert.deepEqual(
    others.map((outcome) =>
      outcome.status === 'rejected' ? String(outcome.reason) : outcome.value.status,
    ),
    [],
  )
  assert.equal(placed.length, units)
  assert.equal(refusals.length, buyers - units)
  const levels = await shop.clerk.of(inventory).levels({ sku: 'LAST' })
  assert.deepEqual(levels, { sku: 'LAST', received: 10, available: 0, held: 0, sold: 10 })
  const { balances } = await shop.clerk.of(ledger).balance({ account: 'psp-clearing' })
  const [total] = shop.psp.provider.totals()
  assert.equal(balances[0]?.balance.amountMinor, total?.capturedMinor)
  assert.equal(total?.capturedMinor, 10n * 1_995n)
  assert.ok((await shop.clerk.of(payments).reconcile({})).isEqual)
  await shop.assertSound()
  t.diagnostic(`${buyers} checkouts at once took ${Math.round(elapsedMs)} ms`)
})

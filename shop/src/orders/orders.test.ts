import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock } from 'banyan/testing'
import { openTestShop, shippingAddress, type TestShop } from '../../testing/test-shop.ts'
import { checkout } from '../checkout/contract.ts'
import { inventory } from '../inventory/contract.ts'
import { ledger } from '../ledger/contract.ts'
import { payments } from '../payments/contract.ts'
import { orders } from './contract.ts'

/** Buys one unit of a new product; the order and its customer. */
async function buy(shop: TestShop, sku: string = 'BOOT') {
  await shop.stock(sku, 3)
  const customer = shop.customer()
  const cartId = await shop.cartWith(customer, sku)
  const input = { cartId, payment: { instrument: 'tok_visa' }, shippingAddress }
  const { orderId } = await customer.of(checkout).submit(input, { idempotencyKey: cartId })
  return { customer, orderId }
}

const balanceOf = async (shop: TestShop, account: 'psp-clearing' | 'sales' | 'refunds') => {
  const { balances } = await shop.clerk.of(ledger).balance({ account })
  return balances[0]?.balance.amountMinor ?? 0n
}

test('an order is packed, shipped and delivered in this order and no other', async () => {
  await using shop = await openTestShop()
  const { orderId, customer } = await buy(shop)
  const api = shop.clerk.of(orders)
  await assert.rejects(api.advance({ orderId, to: 'shipped' }), {
    code: 'ORDERS_TRANSITION_REFUSED',
    details: { orderId, from: 'paid', to: 'shipped' },
  })
  for (const to of ['packed', 'shipped', 'delivered'] as const) {
    assert.equal((await api.advance({ orderId, to })).state, to)
    assert.equal((await api.advance({ orderId, to })).state, to)
  }
  await assert.rejects(customer.of(orders).cancel({ orderId }), {
    code: 'ORDERS_TRANSITION_REFUSED',
  })
  await assert.rejects(customer.of(orders).advance({ orderId, to: 'packed' }), {
    kind: 'forbidden',
  })
  const { history, version } = await customer.of(orders).get({ orderId })
  assert.deepEqual(
    history.map(({ state }) => state),
    ['placed', 'paid', 'packed', 'shipped', 'delivered'],
  )
  assert.equal(version, 5)
})

test('a cancelled order gives back stock, money and its entry, once', async () => {
  await using shop = await openTestShop()
  const { orderId, customer } = await buy(shop)
  for (const idempotencyKey of ['a', 'a']) {
    const cancelled = await customer.of(orders).cancel({ orderId }, { idempotencyKey })
    assert.equal(cancelled.state, 'cancelled')
  }
  await assert.rejects(customer.of(orders).cancel({ orderId }, { idempotencyKey: 'b' }), {
    code: 'ORDERS_TRANSITION_REFUSED',
  })
  assert.equal((await customer.of(inventory).stock({ sku: 'BOOT' })).available, 3)
  assert.equal(await balanceOf(shop, 'psp-clearing'), 0n)
  assert.equal(await balanceOf(shop, 'refunds'), 1_995n)
  const entry = await shop.clerk.of(ledger).entry({ source: 'refund', reference: orderId })
  assert.equal(entry.postings.length, 2)
  const { own, isEqual } = await shop.clerk.of(payments).reconcile({})
  assert.deepEqual(own, [{ currency: 'EUR', capturedMinor: 1_995n, refundedMinor: 1_995n }])
  assert.ok(isEqual)
  await shop.assertSound()
})

test('a delivered order is refunded by a clerk, and what was delivered stays sold', async () => {
  await using shop = await openTestShop()
  const { orderId, customer } = await buy(shop)
  for (const to of ['packed', 'shipped', 'delivered'] as const) {
    await shop.clerk.of(orders).advance({ orderId, to })
  }
  await assert.rejects(customer.of(orders).refund({ orderId }), { kind: 'forbidden' })
  const refunded = await shop.clerk.of(orders).refund({ orderId }, { idempotencyKey: 'r' })
  assert.equal(refunded.state, 'refunded')
  assert.equal((await shop.clerk.of(inventory).levels({ sku: 'BOOT' })).sold, 1)
  const { balances } = await shop.clerk.of(ledger).trialBalance({})
  assert.equal(
    balances.reduce((sum, { balance }) => sum + balance.amountMinor, 0n),
    0n,
  )
  await shop.assertSound()
})

test('a cancellation that the provider does not answer is finished by recovery', async () => {
  const clock = new FakeClock(Date.now())
  await using shop = await openTestShop({
    clock,
    runner: ['inline', 'split', 'split-kill'],
    config: { payments: { attemptsMax: 1 }, orders: { leaseMs: 1_000 } },
  })
  const { orderId, customer } = await buy(shop)
  shop.psp.behaviours.add({ operation: 'refund', mode: 'drop', effect: 'done', count: 1 })
  const begun = await customer.of(orders).cancel({ orderId }, { idempotencyKey: 'k' })
  assert.equal(begun.state, 'cancelling')
  await clock.advance(1_001)
  await shop.app.runSchedule('orders.schedules.recover')
  assert.equal((await customer.of(orders).get({ orderId })).state, 'cancelled')
  assert.equal(
    (await customer.of(orders).cancel({ orderId }, { idempotencyKey: 'k' })).state,
    'cancelled',
  )
  await shop.assertSound()
})

test('customers see their own orders, clerks every one, pages do not overlap', async () => {
  await using shop = await openTestShop()
  const { orderId, customer } = await buy(shop)
  await assert.rejects(shop.customer().of(orders).get({ orderId }), {
    code: 'ORDERS_ORDER_MISSING',
  })
  await assert.rejects(shop.customer().of(orders).cancel({ orderId }), {
    code: 'ORDERS_ORDER_MISSING',
  })
  assert.equal((await shop.clerk.of(orders).get({ orderId })).orderId, orderId)
  const seen: string[] = [orderId]
  for (const sku of ['SKU-1', 'SKU-2']) {
    await shop.stock(sku, 1)
    const cartId = await shop.cartWith(customer, sku)
    const input = { cartId, payment: { instrument: 'tok_visa' }, shippingAddress }
    seen.push((await customer.of(checkout).submit(input, { idempotencyKey: sku })).orderId)
  }
  const first = await customer.of(orders).mine({ pageSize: 2 })
  assert.equal(first.isLastPage, false)
  const before = first.orders.at(-1)?.orderId
  assert.ok(before !== undefined)
  const second = await customer.of(orders).mine({ pageSize: 2, before })
  assert.equal(second.isLastPage, true)
  const listed = [...first.orders, ...second.orders].map((order) => order.orderId)
  assert.deepEqual(listed.toSorted(), seen.toSorted())
})

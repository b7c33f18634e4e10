import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestShop, shippingAddress, type TestShop } from '../../testing/test-shop.ts'
import { cart } from '../cart/contract.ts'
import { catalog } from '../catalog/contract.ts'
import { inventory } from '../inventory/contract.ts'
import { ledger } from '../ledger/contract.ts'
import { orders } from '../orders/contract.ts'
import { payments } from '../payments/contract.ts'
import { checkout } from './contract.ts'

const payment = { instrument: 'tok_visa' }

function inputFor(cartId: string, instrument: string = 'tok_visa') {
  return { cartId, payment: { instrument }, shippingAddress }
}

async function clearingBalance(shop: TestShop): Promise<bigint> {
  const { balances } = await shop.clerk.of(ledger).balance({ account: 'psp-clearing' })
  return balances[0]?.balance.amountMinor ?? 0n
}

test('a cart becomes a paid order: stock sold, money captured, the sale booked, the cart closed', async () => {
  await using shop = await openTestShop()
  await shop.stock('BOOT', 5)
  const ann = shop.customer()
  const cartId = await shop.cartWith(ann, 'BOOT', 2)
  const placed = await ann.of(checkout).submit(inputFor(cartId), { idempotencyKey: 'a' })
  assert.equal(placed.status, 'placed')
  assert.deepEqual(placed.total, { amountMinor: 3_990n, currency: 'EUR' })
  const order = await ann.of(orders).get({ orderId: placed.orderId })
  assert.equal(order.state, 'paid')
  assert.deepEqual(
    order.history.map(({ state }) => state),
    ['placed', 'paid'],
  )
  const levels = await shop.clerk.of(inventory).levels({ sku: 'BOOT' })
  assert.deepEqual(levels, { sku: 'BOOT', received: 5, available: 3, held: 0, sold: 2 })
  assert.equal(await clearingBalance(shop), 3_990n)
  assert.equal((await ann.of(cart).get({ cartId })).isOpen, false)
  assert.ok((await shop.clerk.of(payments).reconcile({})).isEqual)
  await shop.assertSound()
})

test('the same checkout twice under one key is one order, one payment and the same answer', async () => {
  await using shop = await openTestShop()
  await shop.stock('BOOT', 5)
  const ann = shop.customer()
  const cartId = await shop.cartWith(ann, 'BOOT')
  const submit = () => ann.of(checkout).submit(inputFor(cartId), { idempotencyKey: 'same' })
  const first = await submit()
  assert.deepEqual(await submit(), first)
  assert.deepEqual(await Promise.all([submit(), submit()]), [first, first])
  assert.equal(shop.psp.provider.list().length, 1)
  assert.equal((await ann.of(orders).mine({})).orders.length, 1)
  await shop.assertSound()
})

test('one key with another body is refused, and nothing is bought by it', async () => {
  await using shop = await openTestShop()
  await shop.stock('BOOT', 5)
  const ann = shop.customer()
  const [first, second] = [await shop.cartWith(ann, 'BOOT'), await shop.cartWith(ann, 'BOOT')]
  await ann.of(checkout).submit(inputFor(first), { idempotencyKey: 'k' })
  const reused = ann.of(checkout).submit(inputFor(second), { idempotencyKey: 'k' })
  await assert.rejects(reused, { code: 'DATA_IDEMPOTENCY_MISMATCH' })
  assert.equal((await ann.of(orders).mine({})).orders.length, 1)
  await shop.assertSound()
})

test('a cart is bought once, whatever the key', async () => {
  await using shop = await openTestShop()
  await shop.stock('BOOT', 5)
  const ann = shop.customer()
  const cartId = await shop.cartWith(ann, 'BOOT')
  const outcomes = await Promise.allSettled(
    ['a', 'b', 'c'].map((key) =>
      ann.of(checkout).submit(inputFor(cartId), { idempotencyKey: key }),
    ),
  )
  const won = outcomes.filter(({ status }) => status === 'fulfilled')
  assert.equal(won.length, 1)
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') {
      assert.ok(checkout.failures.cartInCheckout.is(outcome.reason), String(outcome.reason))
    }
  }
  await shop.assertSound()
})

test('a declined payment leaves nothing behind, says so again, and the cart can be bought otherwise', async () => {
  await using shop = await openTestShop()
  await shop.stock('BOOT', 1)
  const ann = shop.customer()
  const cartId = await shop.cartWith(ann, 'BOOT')
  const decline = () =>
    ann
      .of(checkout)
      .submit(inputFor(cartId, 'tok_insufficient_funds'), { idempotencyKey: 'declined' })
  for (let n = 0; n < 2; n++) {
    await assert.rejects(decline(), {
      code: 'CHECKOUT_PAYMENT_DECLINED',
      details: { reason: 'insufficient_funds' },
    })
  }
  assert.equal((await ann.of(inventory).stock({ sku: 'BOOT' })).available, 1)
  await shop.assertSound()
  const placed = await ann.of(checkout).submit(inputFor(cartId), { idempotencyKey: 'other-card' })
  assert.equal(placed.status, 'placed')
  await shop.assertSound()
})

test('what is sold out is refused with what is left, and nothing is held or charged', async () => {
  await using shop = await openTestShop()
  await shop.stock('BOOT', 2)
  await shop.stock('SOCK', 9)
  const ann = shop.customer()
  const cartId = await shop.cartWith(ann, 'SOCK', 1)
  await ann.of(cart).addLine({ cartId, sku: 'BOOT', count: 3 })
  await assert.rejects(ann.of(checkout).submit(inputFor(cartId), { idempotencyKey: 'k' }), {
    code: 'CHECKOUT_SOLD_OUT',
    details: { sku: 'BOOT', requested: 3, available: 2 },
  })
  assert.equal((await ann.of(inventory).stock({ sku: 'SOCK' })).available, 9)
  assert.equal(shop.psp.provider.list().length, 0)
  await shop.assertSound()
})

test('a capture that is refused for good undoes order, authorisation and sale', async () => {
  await using shop = await openTestShop()
  await shop.stock('BOOT', 1)
  const ann = shop.customer()
  const cartId = await shop.cartWith(ann, 'BOOT')
  const submit = ann
    .of(checkout)
    .submit(inputFor(cartId, 'tok_capture_refused'), { idempotencyKey: 'k' })
  await assert.rejects(submit, { code: 'CHECKOUT_PAYMENT_DECLINED' })
  const [order] = (await ann.of(orders).mine({})).orders
  assert.equal(order?.state, 'cancelled')
  assert.equal((await ann.of(inventory).stock({ sku: 'BOOT' })).available, 1)
  assert.deepEqual(
    shop.psp.provider.list().map(({ state }) => state),
    ['voided'],
  )
  await shop.assertSound()
})

test('the price that was shown at the checkout counts, also when it is altered before a retry', async () => {
  await using shop = await openTestShop()
  await shop.stock('BOOT', 1, 1_000n)
  const ann = shop.customer()
  const cartId = await shop.cartWith(ann, 'BOOT')
  shop.psp.behaviours.add({ operation: 'authorise', mode: 'fail' })
  const pending = await ann.of(checkout).submit(inputFor(cartId), { idempotencyKey: 'k' })
  assert.equal(pending.status, 'pending')
  shop.psp.behaviours.clear()
  const price = { amountMinor: 9_999n, currency: 'EUR' as const }
  await shop.clerk.of(catalog).alterPrice({ sku: 'BOOT', price })
  const placed = await ann.of(checkout).submit(inputFor(cartId), { idempotencyKey: 'k' })
  assert.deepEqual(placed, { ...pending, status: 'placed' })
  assert.equal(placed.total.amountMinor, 1_000n)
  await shop.assertSound()
})

test('somebody else cannot buy a cart or read a checkout, and an empty cart buys nothing', async () => {
  await using shop = await openTestShop()
  await shop.stock('BOOT', 1)
  const [ann, eve] = [shop.customer(), shop.customer()]
  const cartId = await shop.cartWith(ann, 'BOOT')
  const stolen = eve.of(checkout).submit(inputFor(cartId), { idempotencyKey: 'k' })
  await assert.rejects(stolen, { code: 'CHECKOUT_CART_MISSING' })
  const empty = await ann.of(cart).create({})
  const nothing = ann.of(checkout).submit({ ...empty, payment, shippingAddress })
  await assert.rejects(nothing, { code: 'CHECKOUT_CART_EMPTY' })
  const { checkoutId } = await ann.of(checkout).submit(inputFor(cartId), { idempotencyKey: 'k' })
  assert.equal((await ann.of(checkout).status({ checkoutId })).status, 'placed')
  await assert.rejects(eve.of(checkout).status({ checkoutId }), {
    code: 'CHECKOUT_CHECKOUT_MISSING',
  })
})

test('a cart of two currencies is refused by cart and checkout, and mended by taking one out', async () => {
  await using shop = await openTestShop()
  await shop.stock('BOOT', 1)
  await shop.stock('SOCK', 1)
  const price = { amountMinor: 500n, currency: 'USD' as const }
  await shop.clerk.of(catalog).alterPrice({ sku: 'SOCK', price })
  const ann = shop.customer()
  const cartId = await shop.cartWith(ann, 'BOOT')
  await ann.of(cart).addLine({ cartId, sku: 'SOCK' })
  await assert.rejects(ann.of(cart).get({ cartId }), { code: 'CART_CURRENCIES_MIXED' })
  const mixed = ann.of(checkout).submit(inputFor(cartId), { idempotencyKey: 'k' })
  await assert.rejects(mixed, { code: 'CHECKOUT_CURRENCIES_MIXED' })
  await ann.of(cart).removeLine({ cartId, sku: 'SOCK' })
  const placed = await ann.of(checkout).submit(inputFor(cartId), { idempotencyKey: 'k' })
  assert.equal(placed.status, 'placed')
  await shop.assertSound()
})

test('the dearest cart that the catalogue allows is sold, and a dearer product is refused', async () => {
  await using shop = await openTestShop()
  await shop.stock('YACHT', 99, 1_000_000_000_000n)
  await assert.rejects(shop.stock('FLEET', 1, 1_000_000_000_001n), { code: 'CALL_INPUT_INVALID' })
  const ann = shop.customer()
  const cartId = await shop.cartWith(ann, 'YACHT', 99)
  const placed = await ann.of(checkout).submit(inputFor(cartId), { idempotencyKey: 'k' })
  assert.equal(placed.total.amountMinor, 99_000_000_000_000n)
  await shop.assertSound()
})

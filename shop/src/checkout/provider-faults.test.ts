import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BehaviourInput } from '../../psp/index.ts'
import { openTestShop, shippingAddress, type TestShop } from '../../testing/test-shop.ts'
import { inventory } from '../inventory/contract.ts'
import { checkout } from './contract.ts'

const inTwoSteps: readonly BehaviourInput[] = (['authorise', 'capture'] as const).flatMap(
  (operation) => [
    { operation, mode: 'fail' },
    { operation, mode: 'fail', effect: 'done' },
    { operation, mode: 'hang' },
    { operation, mode: 'hang', effect: 'done' },
    { operation, mode: 'drop' },
    { operation, mode: 'drop', effect: 'done' },
    { operation, mode: 'drop', effect: 'done', partial: true },
    { operation, mode: 'slow', ms: 250 },
  ],
)

async function openWithBoots(count: number): Promise<TestShop> {
  const shop = await openTestShop({ config: { payments: { attemptMs: 80 } } })
  await shop.stock('BOOT', count)
  return shop
}

async function recover(shop: TestShop): Promise<void> {
  await new Promise((resolve) => void setTimeout(resolve, 60))
  await shop.app.runSchedule('checkout.schedules.recover')
}

/** Recovery comes again and again, with pauses that double. */
async function untilPlaced(
  shop: TestShop,
  customer: ReturnType<TestShop['customer']>,
  checkoutId: string,
): Promise<void> {
  const endMs = performance.now() + 10_000
  for (;;) {
    await recover(shop)
    const { status } = await customer.of(checkout).status({ checkoutId })
    if (status === 'placed') return
    assert.equal(status, 'pending')
    assert.ok(performance.now() < endMs, 'recovery did not finish the checkout')
  }
}

test('a provider that stumbles once delays nothing but the answer', async () => {
  await using shop = await openWithBoots(inTwoSteps.length)
  for (const behaviour of inTwoSteps) {
    shop.psp.behaviours.add({ ...behaviour, count: 1 })
    const ann = shop.customer()
    const cartId = await shop.cartWith(ann, 'BOOT')
    const input = { cartId, payment: { instrument: 'tok_visa' }, shippingAddress }
    const placed = await ann.of(checkout).submit(input, { idempotencyKey: 'k' })
    assert.equal(placed.status, 'placed', JSON.stringify(behaviour))
  }
  await shop.assertSound()
})

test('while the provider is down checkouts are pending, and recovery finishes them without a client', async () => {
  await using shop = await openWithBoots(inTwoSteps.length)
  for (const [index, behaviour] of inTwoSteps.entries()) {
    shop.psp.behaviours.add(behaviour)
    const ann = shop.customer()
    const cartId = await shop.cartWith(ann, 'BOOT')
    const input = { cartId, payment: { instrument: 'tok_visa' }, shippingAddress }
    const pending = await ann.of(checkout).submit(input, { idempotencyKey: 'k' })
    assert.equal(pending.status, 'pending', JSON.stringify(behaviour))
    await shop.assertSound(false)
    await recover(shop)
    const { checkoutId } = pending
    assert.equal((await ann.of(checkout).status({ checkoutId })).status, 'pending')
    shop.psp.behaviours.clear()
    await untilPlaced(shop, ann, checkoutId)
    const again = await ann.of(checkout).submit(input, { idempotencyKey: 'k' })
    assert.deepEqual(again, { ...pending, status: 'placed' })
    assert.equal(shop.psp.provider.list().length, index + 1)
    await shop.assertSound()
  }
})

test('a hold that ends while the provider is silent undoes the authorisation, known or not', async () => {
  for (const effect of ['none', 'done'] as const) {
    await using shop = await openTestShop({
      config: { payments: { attemptMs: 100 }, checkout: { holdMs: 1_000 } },
    })
    await shop.stock('BOOT', 1)
    shop.psp.behaviours.add({ operation: 'authorise', mode: 'hang', effect })
    const [ann, ben] = [shop.customer(), shop.customer()]
    const cartId = await shop.cartWith(ann, 'BOOT')
    const input = { cartId, payment: { instrument: 'tok_visa' }, shippingAddress }
    const { checkoutId } = await ann.of(checkout).submit(input, { idempotencyKey: 'k' })
    await new Promise((resolve) => void setTimeout(resolve, 1_000))
    await shop.app.runSchedule('inventory.schedules.expire')
    shop.psp.behaviours.clear()
    const benCart = await shop.cartWith(ben, 'BOOT')
    const bought = await ben
      .of(checkout)
      .submit({ ...input, cartId: benCart }, { idempotencyKey: 'k' })
    assert.equal(bought.status, 'placed')
    await recover(shop)
    const status = await ann.of(checkout).status({ checkoutId })
    assert.equal(status.status, 'refused')
    assert.match(status.reason ?? '', /nothing was charged/)
    await assert.rejects(ann.of(checkout).submit(input, { idempotencyKey: 'k' }), {
      code: 'CHECKOUT_HOLD_LOST',
    })
    const states = shop.psp.provider.list().map(({ state }) => state)
    assert.deepEqual(states.toSorted(), ['captured', 'voided'])
    assert.equal((await ann.of(inventory).stock({ sku: 'BOOT' })).available, 0)
    await shop.assertSound()
  }
})

test('a provider that is not there is found out without losing the checkout', async () => {
  await using shop = await openTestShop({
    config: { payments: { pspUrl: 'http://127.0.0.1:9' } },
  })
  await shop.stock('BOOT', 1)
  const ann = shop.customer()
  const cartId = await shop.cartWith(ann, 'BOOT')
  const input = { cartId, payment: { instrument: 'tok_visa' }, shippingAddress }
  const pending = await ann.of(checkout).submit(input, { idempotencyKey: 'k' })
  assert.equal(pending.status, 'pending')
  await shop.assertSound(false)
})

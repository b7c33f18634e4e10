import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { connectAsOwner } from '../testing/owner-query.ts'
import { openTestShop, shippingAddress, type TestShop } from '../testing/test-shop.ts'
import { checkout } from '../src/checkout/contract.ts'
import { audit, invariants, type ProviderPayment } from './index.ts'

/** For each invariant, the statements that break it. Triggers and foreign keys are off. */
const plants: Readonly<Record<string, readonly string[]>> = {
  'entry-balanced': ['update ledger.posting set amount_minor = amount_minor + 1 where line = 0'],
  'stock-conserved': [
    'alter table inventory.stock drop constraint units_are_conserved',
    'update inventory.stock set available = available + 1',
  ],
  'stock-from-movements': ["delete from inventory.movement where kind = 'confirmed'"],
  'stock-from-reservations': ["update inventory.reservation set state = 'released'"],
  'hold-ends': [
    "insert into inventory.reservation values (uuidv7(), 'held', now() - interval '31 s')",
  ],
  'order-paid-once': ["update payments.payment set state = 'voided'"],
  'order-sums-up': ['update orders.order_line set count = count + 1'],
  'cart-bought-once': [
    'drop index checkout.checkout_of_cart',
    `insert into checkout.checkout select (jsonb_populate_record(c, jsonb_build_object('id', uuidv7(),
      'order_id', uuidv7(), 'payment_id', uuidv7(), 'reservation_id', uuidv7()))).*
      from checkout.checkout c`,
  ],
  'checkout-complete': ['delete from ledger.entry'],
  'refusal-leaves-nothing': [`update checkout.checkout set state = 'refused', refusal = '{}'`],
  'sale-booked': ["update ledger.posting set account = 'refunds' where account = 'psp-clearing'"],
  'nothing-under-way': ["insert into inventory.reservation values (uuidv7(), 'held', now())"],
}

describe('the audit of a shop that sold one pair of boots', () => {
  let shop: TestShop
  let providerPayments: readonly ProviderPayment[]

  before(async () => {
    shop = await openTestShop()
    await shop.stock('BOOT', 3)
    const ann = shop.customer()
    const cartId = await shop.cartWith(ann, 'BOOT')
    const input = { cartId, payment: { instrument: 'tok_visa' }, shippingAddress }
    await ann.of(checkout).submit(input, { idempotencyKey: 'k' })
    providerPayments = shop.psp.provider.list()
  })
  after(() => shop[Symbol.asyncDispose]())

  test('finds nothing when nothing is wrong', async () => {
    await using owner = await connectAsOwner(shop.app.server)
    const { query } = owner
    assert.deepEqual(await audit({ query, providerPayments, isSettled: true }), [])
  })

  test('has a planted violation for each invariant', () => {
    const names = invariants.map(({ name }) => name)
    assert.deepEqual(Object.keys(plants).toSorted(), names.toSorted())
  })

  for (const [invariant, statements] of Object.entries(plants)) {
    test(`finds a planted violation of ${invariant}`, async () => {
      await using owner = await connectAsOwner(shop.app.server)
      const { query } = owner
      await query('begin')
      await query('set local session_replication_role = replica')
      for (const statement of statements) await query(statement)
      const found = await audit({ query, providerPayments, isSettled: true })
      await query('rollback')
      assert.ok(found.some((violation) => violation.invariant === invariant))
    })
  }

  const provider = (change: (payment: ProviderPayment) => ProviderPayment[]) =>
    providerPayments.flatMap(change)
  const foreign: Readonly<Record<string, () => readonly ProviderPayment[]>> = {
    'provider-charges-once': () => provider((payment) => [payment, { ...payment, id: 'pay_9' }]),
    'provider-agrees': () => provider((payment) => [{ ...payment, reference: 'another' }]),
    'provider-total': () => provider((payment) => [{ ...payment, refundedMinor: 1n }]),
  }
  for (const [invariant, payments] of Object.entries(foreign)) {
    test(`finds a provider that breaks ${invariant}`, async () => {
      await using owner = await connectAsOwner(shop.app.server)
      const { query } = owner
      const found = await audit({ query, providerPayments: payments(), isSettled: true })
      assert.ok(found.some((violation) => violation.invariant === invariant))
    })
  }
})

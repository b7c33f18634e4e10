import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createWorld } from 'banyan/kernel'
import { openTestShop } from '../../testing/test-shop.ts'
import { money } from '../money/index.ts'
import { payments } from './contract.ts'

const { ids } = createWorld()

const begin = () => ({
  paymentId: ids.next(),
  reference: ids.next(),
  amount: money(1_995n, 'EUR'),
  instrument: 'tok_visa',
})

test('a payment is authorised, captured and refunded once each, whatever the key', async () => {
  await using shop = await openTestShop()
  const api = shop.app.operator.of(payments)
  const payment = begin()
  const { paymentId } = payment
  for (let n = 0; n < 2; n++) assert.equal((await api.authorise(payment)).state, 'authorised')
  for (let n = 0; n < 2; n++) assert.equal((await api.capture({ paymentId })).state, 'captured')
  await assert.rejects(api.void({ paymentId }), { code: 'PAYMENTS_PAYMENT_CLOSED' })
  for (let n = 0; n < 2; n++) assert.equal((await api.refund({ paymentId })).state, 'refunded')
  assert.deepEqual(
    shop.psp.provider.list().map(({ state, refundedMinor }) => [state, refundedMinor]),
    [['captured', 1_995n]],
  )
  const seen = await shop.clerk.of(payments).payment({ paymentId })
  assert.deepEqual([seen.state, seen.amount], ['refunded', payment.amount])
})

test('an authorisation of unknown outcome can be let go: it is found out, then voided', async () => {
  await using shop = await openTestShop({ runner: ['inline', 'split', 'split-kill'] })
  const api = shop.app.operator.of(payments)
  for (const effect of ['none', 'done'] as const) {
    shop.psp.behaviours.add({ operation: 'authorise', mode: 'drop', effect })
    const payment = begin()
    const { paymentId } = payment
    await assert.rejects(api.authorise(payment), { code: 'PAYMENTS_PROVIDER_UNRESOLVED' })
    await assert.rejects(api.void({ paymentId }), { code: 'PAYMENTS_PROVIDER_UNRESOLVED' })
    shop.psp.behaviours.clear()
    assert.equal((await api.void({ paymentId })).state, 'voided')
    await assert.rejects(api.authorise(payment), { code: 'PAYMENTS_PAYMENT_CLOSED' })
  }
  assert.deepEqual(
    shop.psp.provider.list().map(({ state }) => state),
    ['voided', 'voided'],
  )
})

test('a void that overtakes its authorisation closes the payment', async () => {
  await using shop = await openTestShop()
  const api = shop.app.operator.of(payments)
  const payment = begin()
  const { paymentId } = payment
  assert.equal((await api.void({ paymentId })).state, 'voided')
  await assert.rejects(api.authorise(payment), { code: 'PAYMENTS_PAYMENT_CLOSED' })
  await assert.rejects(api.capture({ paymentId }), { code: 'PAYMENTS_PAYMENT_CLOSED' })
  await assert.rejects(api.refund({ paymentId }), { code: 'PAYMENTS_PAYMENT_CLOSED' })
  assert.deepEqual(shop.psp.provider.list(), [])
})

test('declined is declined, refused captures are refused, unknown payments are missing', async () => {
  await using shop = await openTestShop()
  const api = shop.app.operator.of(payments)
  const poor = { ...begin(), instrument: 'tok_declined' }
  for (let n = 0; n < 2; n++) {
    await assert.rejects(api.authorise(poor), {
      code: 'PAYMENTS_DECLINED',
      details: { paymentId: poor.paymentId, reason: 'do_not_honour' },
    })
  }
  const stuck = { ...begin(), instrument: 'tok_capture_refused' }
  const { paymentId } = stuck
  await api.authorise(stuck)
  await assert.rejects(api.capture({ paymentId }), { code: 'PAYMENTS_CAPTURE_REFUSED' })
  assert.equal((await api.void({ paymentId })).state, 'voided')
  await assert.rejects(api.capture({ paymentId: ids.next() }), {
    code: 'PAYMENTS_PAYMENT_MISSING',
  })
})

test('reconciliation notices a payment that we do not know of', async () => {
  await using shop = await openTestShop()
  assert.ok((await shop.clerk.of(payments).reconcile({})).isEqual)
  const request = { reference: 'x', amountMinor: 5n, currency: 'EUR', instrument: 'tok_visa' }
  shop.psp.provider.perform('a', { operation: 'authorise', ...request })
  shop.psp.provider.perform('b', { operation: 'capture', id: 'pay_1' })
  const { own, provider, isEqual } = await shop.clerk.of(payments).reconcile({})
  assert.deepEqual([own.length, provider[0]?.capturedMinor, isEqual], [0, 5n, false])
})

test('an authorisation of another amount is let go, and counts as declined', async () => {
  await using shop = await openTestShop()
  const api = shop.app.operator.of(payments)
  const asked = begin()
  const { provider } = shop.psp
  const perform = provider.perform.bind(provider)
  provider.perform = (key, request) =>
    perform(key, request.operation === 'authorise' ? { ...request, amountMinor: 1n } : request)
  for (let n = 0; n < 2; n++) {
    await assert.rejects(api.authorise(asked), {
      code: 'PAYMENTS_DECLINED',
      details: { paymentId: asked.paymentId, reason: 'amount_differs' },
    })
  }
  assert.deepEqual(
    provider.list().map(({ state }) => state),
    ['voided'],
  )
})

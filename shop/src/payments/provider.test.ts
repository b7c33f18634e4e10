import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answerOf } from './provider.ts'
import { equalTotals } from './reconcile.ts'

test('only an answer we can read is an answer; a server error is a reason to ask again', () => {
  const body = { id: 'pay_1', state: 'authorised' }
  assert.deepEqual(answerOf(201, body), { type: 'payment', id: 'pay_1', state: 'authorised' })
  assert.equal(typeof answerOf(200, { id: 'pay_1' }), 'string')
  assert.equal(typeof answerOf(503, { reason: 'told_to_fail' }), 'string')
  assert.equal(typeof answerOf(429, {}), 'string')
})

test('a conflict is a refusal that asking again will not change', () => {
  const refusal = { type: 'refusal', reason: 'capture_refused' }
  assert.deepEqual(answerOf(409, { reason: 'capture_refused' }), refusal)
})

test('totals are compared per currency, in any order, and a cent off is a difference', () => {
  const eur = { currency: 'EUR' as const, capturedMinor: 100n, refundedMinor: 0n }
  const usd = { currency: 'USD' as const, capturedMinor: 5n, refundedMinor: 5n }
  const idle = { currency: 'GBP' as const, capturedMinor: 0n, refundedMinor: 0n }
  assert.ok(equalTotals([eur, usd], [usd, eur, idle]))
  assert.ok(!equalTotals([eur], [{ ...eur, capturedMinor: 101n }]))
  assert.ok(!equalTotals([eur], []))
})

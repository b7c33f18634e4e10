import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  addMoney,
  equalMoney,
  formatMoney,
  MixedCurrencies,
  money,
  moneySchema,
  multiplyMoney,
  negateMoney,
  sumMoney,
} from './index.ts'

test('amounts beyond the safe integers add up exactly', () => {
  const large = money(9_007_199_254_740_993n, 'EUR')
  assert.deepEqual(addMoney(large, large), money(18_014_398_509_481_986n, 'EUR'))
})

test('amounts of different currencies are refused, not converted', () => {
  assert.throws(() => addMoney(money(1n, 'EUR'), money(1n, 'USD')), MixedCurrencies)
  assert.throws(() => sumMoney([money(1n, 'USD')], 'EUR'), MixedCurrencies)
})

test('an empty sum is zero in the currency asked for', () => {
  assert.deepEqual(sumMoney([], 'GBP'), money(0n, 'GBP'))
})

test('an amount and its negation cancel out', () => {
  const amount = multiplyMoney(money(1_995n, 'EUR'), 3)
  assert.deepEqual(amount, money(5_985n, 'EUR'))
  assert.deepEqual(addMoney(amount, negateMoney(amount)), money(0n, 'EUR'))
})

test('equality looks at the currency', () => {
  assert.ok(equalMoney(money(1n, 'EUR'), money(1n, 'EUR')))
  assert.ok(!equalMoney(money(1n, 'EUR'), money(1n, 'USD')))
})

test('the schema refuses an unknown currency and a fractional amount', () => {
  assert.ok(!moneySchema.safeParse({ amountMinor: 1n, currency: 'XXX' }).success)
  assert.ok(!moneySchema.safeParse({ amountMinor: 1.5, currency: 'EUR' }).success)
})

test('an amount reads the same everywhere, however large or small', () => {
  const cases: readonly [bigint, string][] = [
    [0n, '0.00 EUR'],
    [5n, '0.05 EUR'],
    [-250n, '-2.50 EUR'],
    [100_000n, '1,000.00 EUR'],
    [-123_456_789n, '-1,234,567.89 EUR'],
    [99_999n, '999.99 EUR'],
  ]
  for (const [amountMinor, text] of cases)
    assert.equal(formatMoney(money(amountMinor, 'EUR')), text)
})

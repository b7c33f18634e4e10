import assert from 'node:assert/strict'
import { test } from 'node:test'
import { median, quantile, summarize } from './statistics.ts'

test('the median of an odd number of samples is the middle one, whatever their order', () => {
  assert.equal(median([9, 1, 5]), 5)
})

test('the median of an even number of samples is the mean of the two in the middle', () => {
  assert.equal(median([4, 1, 3, 2]), 2.5)
})

test('quantiles interpolate between the nearest ranks', () => {
  const samples = Array.from({ length: 101 }, (_, index) => index)
  assert.equal(quantile(samples, 0), 0)
  assert.equal(quantile(samples, 0.99), 99)
  assert.equal(quantile(samples, 1), 100)
  assert.equal(quantile([10, 20], 0.25), 12.5)
})

test('samples sort as numbers, not as text', () => {
  assert.equal(median([10, 9, 100]), 10)
})

test('a summary holds the median, the extremes and the count', () => {
  assert.deepEqual(summarize([3, 1, 2]), { median: 2, min: 1, max: 3, count: 3 })
})

test('no samples and fractions outside 0..1 are refused', () => {
  assert.throws(() => summarize([]), RangeError)
  assert.throws(() => quantile([1], 1.01), RangeError)
  assert.throws(() => quantile([1], Number.NaN), RangeError)
})

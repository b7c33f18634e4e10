import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Latencies } from './latencies.ts'

test('the median lies in the bucket of the middle duration', () => {
  const latencies = new Latencies()
  for (const ms of [0.9, 0.1, 0.5]) latencies.record(ms)
  assert.ok(Math.abs(latencies.quantileUs(0.5) - 500) <= 1)
  assert.equal(latencies.count, 3)
})

test('quantiles grow with their fraction up to the longest duration', () => {
  const latencies = new Latencies()
  for (let ms = 1; ms <= 100; ms += 1) latencies.record(ms)
  const [half, most, all] = [0.5, 0.99, 1].map((fraction) => latencies.quantileUs(fraction))
  assert.deepEqual([half, most, all], [50_001, 99_001, 100_001])
})

test('a duration beyond a second counts as a second', () => {
  const latencies = new Latencies()
  latencies.record(5_000)
  assert.equal(Math.floor(latencies.quantileUs(0.5) / 1_000), 1_000)
})

test('no durations have no quantile', () => {
  assert.throws(() => new Latencies().quantileUs(0.5), RangeError)
})

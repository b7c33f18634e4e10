import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatDuration, parseDurationMs } from './index.ts'

test('durations are read with their unit, and numbers are milliseconds', () => {
  const cases: readonly [string | number, number][] = [
    ['250ms', 250],
    ['1.5s', 1_500],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['7d', 604_800_000],
    ['0s', 0],
    [0, 0],
    [12.5, 12.5],
  ]
  for (const [text, ms] of cases) assert.equal(parseDurationMs(text), ms)
})

test('what is no duration is refused with its text', () => {
  const bad = ['', '5', 's', '5 s', '-1s', '1e3s', '5S', '1.s', '5sec', 'Infinitys', '5s\n']
  for (const text of bad) {
    assert.throws(() => parseDurationMs(text), { code: 'KERNEL_DURATION_INVALID' }, text)
  }
  for (const value of [-1, Number.NaN, Infinity]) {
    assert.throws(() => parseDurationMs(value), { code: 'KERNEL_DURATION_INVALID' })
  }
})

test('durations are written for people', () => {
  const written = [0.84, 12.4, 3_400, 119_000, 120_000].map(formatDuration)
  assert.deepEqual(written, ['840 µs', '12 ms', '3.4 s', '119.0 s', '2 min'])
})

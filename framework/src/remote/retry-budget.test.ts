import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { FakeClock } from '../kernel/index.ts'
import { RetryBudget } from './retry-budget.ts'

test('retries never exceed their share of the calls, the minimum, and ten seconds of it', async () => {
  const step = fc.record({
    passedMs: fc.integer({ min: 0, max: 30_000 }),
    calls: fc.integer({ min: 0, max: 2_000 }),
    wanted: fc.integer({ min: 0, max: 500 }),
  })
  const property = fc.asyncProperty(
    fc.array(step, { maxLength: 30 }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.integer({ min: 0, max: 50 }),
    async (steps, share, minPerS) => {
      const clock = new FakeClock()
      const budget = new RetryBudget({ clock, share, minPerS })
      let calls = 0
      let retries = 0
      for (const { passedMs, calls: made, wanted } of steps) {
        await clock.advance(passedMs)
        for (let count = 0; count < made; count++) budget.deposit()
        calls += made
        for (let count = 0; count < wanted; count++) if (budget.tryWithdraw()) retries++
        const seconds = clock.monotonicMs() / 1_000
        assert.ok(retries <= share * calls + minPerS * (seconds + 10) + 1e-6)
      }
    },
  )
  await fc.assert(property, { numRuns: 200 })
})

test('a steady load keeps about ten seconds of credit', async () => {
  const clock = new FakeClock()
  const budget = new RetryBudget({ clock, share: 0.1, minPerS: 0 })
  for (let second = 0; second < 100; second++) {
    for (let count = 0; count < 1_000; count++) budget.deposit()
    await clock.advance(1_000)
  }
  let credit = 0
  while (budget.tryWithdraw()) credit++
  assert.ok(credit > 900 && credit <= 1_000, String(credit))
})

test('credit fades: what was earned long ago pays for nothing now', async () => {
  const clock = new FakeClock()
  const budget = new RetryBudget({ clock, share: 0.1, minPerS: 0 })
  for (let count = 0; count < 100_000; count++) budget.deposit()
  await clock.advance(200_000)
  assert.equal(budget.tryWithdraw(), false)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createSystemClock, FakeClock, sleep } from './index.ts'

test('a fake clock stands still until it is moved, and then by exactly that', async () => {
  const clock = new FakeClock(1_000)
  assert.deepEqual([clock.nowMs(), clock.monotonicMs()], [1_000, 0])
  await clock.advance(250)
  assert.deepEqual([clock.nowMs(), clock.monotonicMs()], [1_250, 250])
})

test('timers fire at their own moment, in order of time and then of setting', async () => {
  const clock = new FakeClock()
  const fired: string[] = []
  const at = (delayMs: number, name: string) =>
    clock.after(delayMs, () => fired.push(`${name}@${clock.monotonicMs()}`))
  at(20, 'c')
  at(10, 'a')
  at(10, 'b')
  at(31, 'late')
  await clock.advance(30)
  assert.deepEqual(fired, ['a@10', 'b@10', 'c@20'])
  await clock.advance(1)
  assert.deepEqual(fired.at(-1), 'late@31')
})

test('a timer set by a timer fires within the same advance when it is due', async () => {
  const clock = new FakeClock()
  const fired: number[] = []
  const again = (): void => {
    fired.push(clock.monotonicMs())
    if (fired.length < 3) clock.after(10, again)
  }
  clock.after(10, again)
  await clock.advance(35)
  assert.deepEqual(fired, [10, 20, 30])
})

test('a stopped timer never fires; stopping twice is nothing', async () => {
  const clock = new FakeClock()
  let count = 0
  const timer = clock.after(5, () => count++)
  timer.stop()
  timer.stop()
  await clock.advance(10)
  assert.equal(count, 0)
})

test('timers fire in the order of a sorted list, for any delays', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(50), { maxLength: 20 }), async (delays) => {
      const clock = new FakeClock()
      const fired: number[] = []
      for (const [index, delay] of delays.entries()) clock.after(delay, () => fired.push(index))
      await clock.advance(25)
      const expected = delays
        .map((delay, index) => ({ delay, index }))
        .filter(({ delay }) => delay <= 25)
        .toSorted((a, b) => a.delay - b.delay || a.index - b.index)
      assert.deepEqual(
        fired,
        expected.map(({ index }) => index),
      )
    }),
    { numRuns: 30 },
  )
})

test('sleeping ends after the delay, or at once with the reason of the signal', async () => {
  const clock = new FakeClock()
  const slept = sleep(clock, 100)
  await clock.advance(100)
  await slept
  const controller = new AbortController()
  const cut = sleep(clock, 100, controller.signal)
  const reason = new Error('enough')
  controller.abort(reason)
  await assert.rejects(cut, reason)
  await assert.rejects(sleep(clock, 100, controller.signal), reason)
})

test('the system clock moves forward, and its timers fire once', async () => {
  const clock = createSystemClock()
  const [wall, start] = [clock.nowMs(), clock.monotonicMs()]
  await new Promise<void>((resolve) => void clock.after(2, resolve))
  assert.ok(clock.monotonicMs() - start >= 1)
  assert.ok(Math.abs(clock.nowMs() - wall) < 60_000)
  clock.after(0, () => assert.fail('it was stopped')).stop()
})

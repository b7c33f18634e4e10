import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Deadlines, type Expiring, FakeClock } from './index.ts'

const lateMsMax = 8

/** An item that remembers when it expired. */
class Item implements Expiring {
  readonly deadlineMs: number
  deadlinePrevious: Expiring | undefined = undefined
  deadlineNext: Expiring | undefined = undefined
  deadlineSlot = -1
  readonly expiredAtMs: number[] = []
  readonly #clock: FakeClock
  readonly #then: () => void

  constructor(clock: FakeClock, deadlineMs: number, then: () => void = () => {}) {
    this.deadlineMs = deadlineMs
    this.#clock = clock
    this.#then = then
  }

  expire(): void {
    this.expiredAtMs.push(this.#clock.monotonicMs())
    this.#then()
  }
}

test('a deadline expires once, within 8 ms after its moment and never before', async () => {
  const clock = new FakeClock()
  const deadlines = new Deadlines(clock)
  await clock.advance(3.3)
  const items = [0.1, 1, 7.9, 8, 12.4, 99, 1_000].map((ms) => new Item(clock, 3.3 + ms))
  for (const item of items) deadlines.watch(item)
  await clock.advance(2_000)
  for (const { deadlineMs, expiredAtMs } of items) {
    assert.equal(expiredAtMs.length, 1, `${deadlineMs}`)
    const lateMs = (expiredAtMs[0] ?? 0) - deadlineMs
    assert.ok(lateMs >= 0 && lateMs <= lateMsMax, `${deadlineMs} was ${lateMs} ms late`)
  }
})

test('a deadline beyond one turn of the wheel waits for its own turn', async () => {
  const clock = new FakeClock()
  const deadlines = new Deadlines(clock)
  const far = new Item(clock, 60_000)
  const near = new Item(clock, 60_000 % 8_192)
  deadlines.watch(far)
  deadlines.watch(near)
  await clock.advance(59_999)
  assert.equal(near.expiredAtMs.length, 1)
  assert.equal(far.expiredAtMs.length, 0)
  await clock.advance(1 + lateMsMax)
  assert.equal(far.expiredAtMs.length, 1)
})

test('a deadline that has already passed expires at the next tick', async () => {
  const clock = new FakeClock()
  const deadlines = new Deadlines(clock)
  await clock.advance(5_000)
  const item = new Item(clock, 4_000)
  deadlines.watch(item)
  await clock.advance(lateMsMax)
  assert.equal(item.expiredAtMs.length, 1)
})

test('an item that is no longer watched never expires, also when its neighbour lets it go', async () => {
  const clock = new FakeClock()
  const deadlines = new Deadlines(clock)
  const items: Item[] = []
  const last = new Item(clock, 20)
  const gone = new Item(clock, 20)
  const first = new Item(clock, 20, () => deadlines.unwatch(gone))
  // the newest is the first of its slot
  items.push(last, gone, first)
  for (const item of items) deadlines.watch(item)
  await clock.advance(40)
  assert.deepEqual(
    items.map((item) => item.expiredAtMs.length),
    [1, 0, 1],
  )
})

test('unwatching twice is nothing', async () => {
  const clock = new FakeClock()
  const deadlines = new Deadlines(clock)
  const [one, other] = [new Item(clock, 10), new Item(clock, 10)]
  deadlines.watch(one)
  deadlines.watch(other)
  deadlines.unwatch(one)
  deadlines.unwatch(one)
  await clock.advance(30)
  assert.deepEqual([one.expiredAtMs.length, other.expiredAtMs.length], [0, 1])
})

test('the machine timer stops when nothing is watched, and starts again', async () => {
  const clock = new FakeClock()
  let timers = 0
  const counting = {
    nowMs: () => clock.nowMs(),
    monotonicMs: () => clock.monotonicMs(),
    after(delayMs: number, run: () => void) {
      timers++
      return clock.after(delayMs, run)
    },
  }
  const deadlines = new Deadlines(counting)
  deadlines.watch(new Item(clock, 10))
  await clock.advance(100)
  const used = timers
  assert.ok(used <= 4)
  await clock.advance(1_000)
  assert.equal(timers, used)
  const late = new Item(clock, clock.monotonicMs() + 10)
  deadlines.watch(late)
  await clock.advance(100)
  assert.equal(late.expiredAtMs.length, 1)
})

test('thousands of deadlines behave as a list that is searched at each moment', async () => {
  const step = fc.oneof(
    fc.record({
      type: fc.constant('watch' as const),
      delayMs: fc.double({ min: -50, max: 20_000, noNaN: true }),
      count: fc.nat(200),
    }),
    fc.record({ type: fc.constant('unwatch' as const), which: fc.nat() }),
    fc.record({ type: fc.constant('advance' as const), byMs: fc.integer({ min: 1, max: 3_000 }) }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const clock = new FakeClock()
      const deadlines = new Deadlines(clock)
      const watched = new Map<Item, number>()
      const finished = new Map<Item, number>()
      for (const one of steps) {
        if (one.type === 'watch') {
          for (let index = 0; index < one.count; index++) {
            const item = new Item(clock, clock.monotonicMs() + one.delayMs + index * 1.7)
            watched.set(item, clock.monotonicMs())
            deadlines.watch(item)
          }
        } else if (one.type === 'unwatch') {
          const items = [...watched.keys()].filter((item) => item.expiredAtMs.length === 0)
          const item = items[one.which % Math.max(items.length, 1)]
          if (item === undefined) continue
          deadlines.unwatch(item)
          watched.delete(item)
          finished.set(item, item.expiredAtMs.length)
        } else await clock.advance(one.byMs)
        const nowMs = clock.monotonicMs()
        for (const [item, sinceMs] of watched) {
          const dueMs = Math.max(item.deadlineMs, sinceMs)
          const [expiredAtMs, again] = item.expiredAtMs
          assert.equal(again, undefined, 'expired twice')
          if (expiredAtMs !== undefined) assert.ok(expiredAtMs >= item.deadlineMs)
          if (dueMs + lateMsMax <= nowMs) assert.ok(expiredAtMs !== undefined, `${dueMs} ${nowMs}`)
        }
        for (const [item, count] of finished) assert.equal(item.expiredAtMs.length, count)
      }
    }),
    { numRuns: 12 },
  )
})

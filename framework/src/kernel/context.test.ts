import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  anonymous,
  type BanyanError,
  Context,
  createWorld,
  Deadlines,
  FakeClock,
  kernelBug,
  type World,
} from './index.ts'

const trace = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), isSampled: true }

function createFixture(): {
  clock: FakeClock
  world: World
  create: (deadlineMs?: number) => Context
} {
  const clock = new FakeClock()
  const world = createWorld({ clock })
  const deadlines = new Deadlines(clock)
  const create = (deadlineMs: number = 60_000): Context =>
    new Context({
      ...{ world, deadlines, deadlineMs, principal: anonymous, trace },
      ...{ idempotencyKey: undefined, criticality: 'default', token: undefined },
    })
  return { clock, world, create }
}

const reason = kernelBug({ cause: 'a test' })

test('the time that is left falls with the clock, below zero as well', async () => {
  const { clock, create } = createFixture()
  const context = create(100)
  await clock.advance(30)
  assert.equal(context.remainingMs, 70)
  await clock.advance(100)
  assert.equal(context.remainingMs, -30)
})

test('cancelling tells the owner once, fires the signal with the reason, and stays', () => {
  const { create } = createFixture()
  const context = create()
  const told: BanyanError[] = []
  context.enter(undefined, (why) => told.push(why))
  const { signal } = context
  assert.equal(signal.aborted, false)
  context.cancel(reason)
  context.cancel(kernelBug({ cause: 'another' }))
  assert.deepEqual(told, [reason])
  assert.equal(signal.reason, reason)
  assert.equal(context.cancelled, reason)
})

test('a signal that is first asked for after the cancellation has already fired', () => {
  const { create } = createFixture()
  const context = create()
  context.cancel(reason)
  assert.equal(context.signal.aborted, true)
  assert.equal(context.signal.reason, reason)
})

test('cancellation reaches every context below, and none beside or above', () => {
  const { create } = createFixture()
  const [root, left, right, leaf] = [create(), create(), create(), create()]
  root.enter(undefined, () => {})
  left.enter(root, () => {})
  right.enter(root, () => {})
  leaf.enter(left, () => {})
  left.cancel(reason)
  assert.deepEqual(
    [root, left, right, leaf].map(({ cancelled }) => cancelled !== undefined),
    [false, true, false, true],
  )
})

test('a context that has left hears nothing more, and leaving twice is nothing', () => {
  const { create } = createFixture()
  const [root, child, sibling] = [create(), create(), create()]
  root.enter(undefined, () => {})
  child.enter(root, () => assert.fail('it has left'))
  sibling.enter(root, () => {})
  child.leave()
  child.leave()
  root.cancel(reason)
  assert.equal(child.cancelled, undefined)
  assert.equal(sibling.cancelled, reason)
})

test('a context that leaves because its neighbour is cancelled does not shield the others', () => {
  const { create } = createFixture()
  const [root, last, middle, first] = [create(), create(), create(), create()]
  root.enter(undefined, () => {})
  last.enter(root, () => {})
  middle.enter(root, () => {})
  first.enter(root, () => middle.leave())
  root.cancel(reason)
  assert.deepEqual(
    [first, middle, last].map(({ cancelled }) => cancelled !== undefined),
    [true, false, true],
  )
})

/** The tree as a list of links, searched in full. */
class Model {
  readonly parents = new Map<number, number | undefined>()
  readonly left = new Set<number>()
  readonly cancelled = new Set<number>()

  leave(which: number): void {
    if (this.parents.has(which)) this.parents.set(which, undefined)
    this.left.add(which)
  }

  cancel(which: number): void {
    if (this.cancelled.has(which)) return
    this.cancelled.add(which)
    for (const [child, parent] of this.parents) if (parent === which) this.cancel(child)
  }
}

test('entering, leaving and cancelling in any order agree with a list of links', () => {
  const step = fc.oneof(
    fc.record({ type: fc.constant('enter' as const), under: fc.nat(30) }),
    fc.record({ type: fc.constant('leave' as const), which: fc.nat(30) }),
    fc.record({ type: fc.constant('cancel' as const), which: fc.nat(30) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { create } = createFixture()
      const model = new Model()
      const contexts: Context[] = []
      const told: number[] = []
      for (const one of steps) {
        const at = (index: number): number => index % Math.max(contexts.length, 1)
        if (one.type === 'enter') {
          const parent = contexts.length === 0 ? undefined : at(one.under)
          const index = contexts.length
          const context = create()
          told.push(0)
          context.enter(parent === undefined ? undefined : contexts[parent], () => {
            told[index] = (told[index] ?? 0) + 1
          })
          contexts.push(context)
          model.parents.set(index, parent)
        } else if (contexts.length === 0) continue
        else if (one.type === 'leave') {
          contexts[at(one.which)]?.leave()
          model.leave(at(one.which))
        } else {
          contexts[at(one.which)]?.cancel(reason)
          model.cancel(at(one.which))
        }
        for (const [index, context] of contexts.entries()) {
          assert.equal(context.cancelled !== undefined, model.cancelled.has(index), `${index}`)
          assert.ok((told[index] ?? 0) <= 1)
        }
      }
    }),
    { numRuns: 200 },
  )
})

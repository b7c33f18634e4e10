import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock } from '../kernel/index.ts'
import { KillPlan } from './kill-plan.ts'

let traces = 0
const arrival = () => ({ operation: 'cart.get', traceId: `${traces++}` })

/** The moments of a hundred calls, one each second; undefined where nobody died. */
async function momentsOf(plan: KillPlan, clock: FakeClock): Promise<(string | undefined)[]> {
  const moments: (string | undefined)[] = []
  for (let n = 0; n < 100; n++) {
    await clock.advance(1_000)
    const fate = plan.next()
    if (fate !== undefined) assert.ok(plan.mayEnd('cart', [arrival()]))
    moments.push(fate?.moment)
  }
  return moments
}

test('every n-th call is fatal, and each moment has its turn', async () => {
  const clock = new FakeClock()
  const moments = await momentsOf(new KillPlan(clock, { every: 10, seed: 0 }), clock)
  const fatal = moments.flatMap((moment, index) => (moment === undefined ? [] : [index]))
  assert.deepEqual(fatal, [0, 10, 20, 30, 40, 50, 60, 70, 80, 90])
  const inOrder = moments.filter((moment) => moment !== undefined)
  assert.deepEqual(inOrder.slice(0, 4), ['arrival', 'work', 'answer', 'arrival'])
})

test('a seed gives the same deaths again, another seed gives others', async () => {
  const runs = await Promise.all(
    [3, 3, 4].map((seed) => {
      const clock = new FakeClock()
      return momentsOf(new KillPlan(clock, { seed }), clock)
    }),
  )
  assert.deepEqual(runs[0], runs[1])
  assert.notDeepEqual(runs[0], runs[2])
})

test('a call that was lost once is spared, and the next call is fatal instead', () => {
  const plan = new KillPlan(new FakeClock(), { every: 5, restMs: 0, seed: 0 })
  const [call, beside] = [arrival(), arrival()]
  assert.ok(plan.next() !== undefined && plan.mayEnd('cart', [call, beside]))
  for (let n = 0; n < 4; n++) assert.equal(plan.next(), undefined)
  assert.notEqual(plan.next(), undefined)
  assert.equal(plan.mayEnd('cart', [arrival(), beside]), false)
  assert.notEqual(plan.next(), undefined)
  assert.equal(plan.mayEnd('cart', [{ ...call, operation: 'cart.addLine' }]), true)
})

test('a service rests between two deaths, another one does not wait for it', async () => {
  const clock = new FakeClock()
  const plan = new KillPlan(clock, { restMs: 100 })
  assert.equal(plan.mayEnd('cart', [arrival()]), true)
  assert.equal(plan.mayEnd('cart', [arrival()]), false)
  assert.equal(plan.mayEnd('orders', [arrival()]), true)
  await clock.advance(100)
  assert.equal(plan.mayEnd('cart', [arrival()]), true)
})

test('an instance that runs many calls is spared: their callers could not send all again', () => {
  const plan = new KillPlan(new FakeClock())
  assert.equal(plan.mayEnd('cart', Array.from({ length: 9 }, arrival)), false)
  assert.equal(plan.mayEnd('cart', Array.from({ length: 8 }, arrival)), true)
})

test('a plan that never came to kill says so', () => {
  const plan = new KillPlan(new FakeClock(), { every: 2, seed: 0 })
  for (let n = 0; n < 30; n++) {
    if (plan.next() !== undefined) plan.mayEnd('cart', Array.from({ length: 9 }, arrival))
  }
  assert.equal(plan.isOverdue, true)
})

test('a plan that would never kill, or always, is refused', () => {
  for (const every of [0, -1, 0.5, Number.NaN]) {
    assert.throws(() => new KillPlan(new FakeClock(), { every }), /kills every/)
  }
})

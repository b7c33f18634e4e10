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
    moments.push(plan.next('cart', arrival())?.moment)
  }
  return moments
}

test('every n-th call is fatal, and each moment has its turn', async () => {
  const clock = new FakeClock()
  const moments = await momentsOf(new KillPlan(clock, { every: 10 }), clock)
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

test('the same call, sent again, is not fatal again', () => {
  const plan = new KillPlan(new FakeClock(), { every: 1, restMs: 0 })
  const call = arrival()
  assert.notEqual(plan.next('cart', call), undefined)
  assert.equal(plan.next('cart', call), undefined)
  assert.notEqual(plan.next('cart', { ...call, operation: 'cart.addLine' }), undefined)
})

test('a service rests between two deaths, another one does not wait for it', async () => {
  const clock = new FakeClock()
  const plan = new KillPlan(clock, { every: 1, restMs: 100 })
  assert.notEqual(plan.next('cart', arrival()), undefined)
  assert.equal(plan.next('cart', arrival()), undefined)
  assert.notEqual(plan.next('orders', arrival()), undefined)
  await clock.advance(100)
  assert.notEqual(plan.next('cart', arrival()), undefined)
})

test('a plan that would never kill, or always, is refused', () => {
  for (const every of [0, -1, 0.5, Number.NaN]) {
    assert.throws(() => new KillPlan(new FakeClock(), { every }), /kills every/)
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createRouterFixture } from './router.fixture.ts'

/** Sends calls one a millisecond; each instance takes its own time for one. Answers the calls that
 *  each instance took, and the most it had at once. */
async function run(
  serviceMs: readonly number[],
  calls: number,
  seed: number,
): Promise<{ readonly taken: readonly number[]; readonly depth: readonly number[] }> {
  const ids = serviceMs.map((_, index) => `i${index}`)
  const { carrier, clock, send } = createRouterFixture(ids, { seed })
  const depth = serviceMs.map(() => 0)
  for (let count = 0; count < calls; count++) {
    const call = send()
    const link = carrier.links.find((one) => one.calls.includes(call))
    assert.ok(link !== undefined)
    const index = carrier.links.indexOf(link)
    depth[index] = Math.max(depth[index] ?? 0, link.inFlight)
    clock.after(serviceMs[index] ?? 1, () => link.answer(call))
    await clock.advance(1)
  }
  return { taken: carrier.links.map(({ taken }) => taken), depth }
}

test('equal instances get equal shares', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 2, max: 8 }),
      fc.integer({ min: 5, max: 40 }),
      fc.integer(),
      async (count, serviceMs, seed) => {
        const calls = 200 * count
        const { taken } = await run(new Array<number>(count).fill(serviceMs), calls, seed)
        for (const share of taken) assert.ok(share > 120 && share < 290, String(taken))
      },
    ),
    { numRuns: 12 },
  )
})

test('a slow instance gets fewer calls, and no queue of it grows long', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 2, max: 6 }),
      fc.integer({ min: 5, max: 20 }),
      fc.integer({ min: 4, max: 20 }),
      fc.integer(),
      async (count, fastMs, factor, seed) => {
        const serviceMs = new Array<number>(count).fill(fastMs)
        serviceMs[0] = fastMs * factor
        const { taken, depth } = await run(serviceMs, 300 * count, seed)
        const [slow = 0, ...fast] = taken
        assert.ok(slow < Math.min(...fast), String(taken))
        // a fair coin would leave factor × fastMs / count calls at the slow one
        const [slowDepth = 0, ...fastDepths] = depth
        assert.ok(slowDepth <= Math.max(...fastDepths) + 3, String(depth))
      },
    ),
    { numRuns: 12 },
  )
})

/** All commit boundaries of a saga of five steps, and what is left when something happens at them. */
import assert from 'node:assert/strict'
import { defineError, type FaultAction } from '../../kernel/index.ts'
import type { Application } from '../../module/index.ts'
import type { TestApplication } from '../../testing/index.ts'
import {
  agency,
  type AgencyOptions,
  effects,
  fiveSteps,
  sagas,
  start,
  untilStates,
} from './saga.fixture.ts'

const steps = ['1', '2', '3', '4', '5']
const refused = defineError('TRIP_REFUSED', 'invalid', { message: () => 'no', fix: 'none' })

export interface Boundary {
  readonly point: string
  readonly nth: number
}

export const boundaries: readonly Boundary[] = ['step', 'undo'].flatMap((kind) =>
  ['before', 'after'].flatMap((side) =>
    steps.map((step) => ({ point: `messages.${kind}.${side}`, nth: Number(step) })),
  ),
)

/** Five steps, and an end that the trips named `bad…` do not reach. */
export function unbookable(options: AgencyOptions = {}): Application {
  return agency(async (input, ctx) => {
    await fiveSteps(input, ctx)
    if (input.trip.startsWith('bad')) throw refused({})
  }, options)
}

/** The effects of a trip that has ended. */
export function effectsOf(trip: string): readonly string[] {
  const done = steps.map((step) => `do ${step}`)
  return trip.startsWith('good') ? done : [...done, ...steps.map((step) => `undo ${step}`)]
}

/** The state in which the message of a trip ends. */
export function stateOf(trip: string): number {
  return trip.startsWith('good') ? 6 : 5
}

/** Each boundary once, in a saga of its own: one that succeeds, and one that is undone. */
export async function sweep(
  app: TestApplication,
  action: FaultAction,
  places: readonly Boundary[],
): Promise<void> {
  const states: number[] = []
  for (const { point, nth } of places) {
    for (const kind of point.includes('undo') ? ['bad'] : ['good', 'bad']) {
      const trip = `${kind} ${point} ${nth}`
      app.world.faults.recording = true
      app.world.faults.arm(point, action, nth)
      await start(app, trip)
      states.push(stateOf(trip))
      await untilStates(app, states)
      assert.ok(app.world.faults.reached.has(point), `${point} was not reached`)
      assert.deepEqual(await effects(app, trip), effectsOf(trip), trip)
    }
  }
  for (const { state, problem } of await sagas(app)) {
    if (state === 5) assert.equal(problem?.compensation, 'complete')
  }
}

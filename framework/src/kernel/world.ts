import { type Clock, createSystemClock } from './clock.ts'
import { Faults } from './faults.ts'
import { createIds, type Ids } from './id.ts'
import { createSystemRandom, type Random } from './random.ts'

/** Everything undetermined that a running application may consult: one value per runtime, so that
 *  two applications in one process share nothing. */
export interface World {
  readonly clock: Clock
  readonly random: Random
  readonly ids: Ids
  readonly faults: Faults
}

/** The machine's world, or a test's where parts are given. */
export function createWorld(parts: Partial<Omit<World, 'ids'>> = {}): World {
  const clock = parts.clock ?? createSystemClock()
  const random = parts.random ?? createSystemRandom()
  return { clock, random, ids: createIds(clock, random), faults: parts.faults ?? new Faults() }
}

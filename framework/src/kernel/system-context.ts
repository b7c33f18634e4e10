import { Context } from './context.ts'
import type { Deadlines } from './deadlines.ts'
import { system } from './principal.ts'
import type { World } from './world.ts'

/** The context of the platform's own work: no caller, a trace of its own, a deadline. */
export function createSystemContext(
  world: World,
  deadlines: Deadlines,
  timeoutMs: number,
): Context {
  const { clock, random } = world
  return new Context({
    world,
    deadlines,
    deadlineMs: clock.monotonicMs() + timeoutMs,
    principal: system,
    trace: {
      traceId: random.bytes(16).toString('hex'),
      spanId: random.bytes(8).toString('hex'),
      isSampled: false,
    },
    idempotencyKey: undefined,
    criticality: 'background',
    token: undefined,
  })
}

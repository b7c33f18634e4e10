/**
 * Kernel: what every other room stands on. Errors with closed kinds, time, randomness, identity,
 * durations, the request context, bounded queues and fault points. It performs no I/O, imports no
 * other room and no library, and starts nothing when imported. Not for domain types or policies.
 */
export { type Clock, createSystemClock, sleep, type Timer } from './clock.ts'
export { FakeClock } from './fake-clock.ts'
export { Context, type ContextOptions, type Criticality } from './context.ts'
export { Deadlines, type Expiring } from './deadlines.ts'
export { formatDuration, parseDurationMs } from './duration.ts'
export {
  BanyanError,
  defineError,
  type ErrorDefinition,
  type ErrorDetails,
  type ErrorKind,
  errorKinds,
  kindRules,
  type LogLevel,
  type RetryRule,
} from './error.ts'
export * from './errors.ts'
export { armFaults, Faults, type FaultAction } from './faults.ts'
export { createIds, type Ids, shardCount, shardOfId, shardOfKey } from './id.ts'
export { BoundedQueue } from './bounded-queue.ts'
export { anonymous, type Principal, system } from './principal.ts'
export { createSeededRandom, createSystemRandom, type Random } from './random.ts'
export { createSystemContext } from './system-context.ts'
export { formatTraceparent, type Trace, tryParseTraceparent } from './trace.ts'
export { within } from './within.ts'
export { createWorld, type World } from './world.ts'

/**
 * Messages: work that can wait. What a transaction says (events) or asks for (jobs) is written with it,
 * carried to the modules that are concerned, and worked on there: once in effect, in order per key,
 * again after failures, parked when it cannot succeed. PostgreSQL keeps it all; a transport (its own, or
 * a broker) only carries messages from outboxes to inboxes. Not for calls (room call), and not a log of
 * events to be read again from its begin.
 */
export * from './errors.ts'
export { type CarriedMessage, type MessageHeaders, payloadBytesMax } from './message.ts'
export { createMessages, type Messages } from './messages.ts'
export { createDepthGauges } from './operate/depth-gauges.ts'
export * from './operate/errors.ts'
export { MessageOperator } from './operate/message-operator.ts'
export { messageStates } from './operate/message-state.ts'
export type {
  Consumption,
  Deliver,
  Transport,
  TransportDeclaration,
} from './port.ts'
export * from './saga/errors.ts'
export { replayHistory } from './saga/replay-history.ts'
export type { SagaHistory } from './saga/saga-history.ts'
export type { CronRunner } from './schedules/cron-runner.ts'
export type { Safety } from './run-message.ts'
export type { WorkerLimits } from './worker.ts'

/** The tables that every module with tables gets for its messages: a stream of platform migrations. */
export const messageTables: URL = new URL('./sql/', import.meta.url)

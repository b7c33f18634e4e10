/**
 * A payment service provider to develop and test against: its own small HTTP process with
 * idempotency keys and instruments that decline, which can be told to be slow, to fail, to hang, and
 * to answer and drop the connection. Loopback only; it moves no money and keeps no secrets.
 */
export type { Behaviour, BehaviourInput } from './behaviour.ts'
export type { Payment } from './payment.ts'
export type { Totals } from './provider.ts'
export { type PspOptions, type PspSimulator, simulatorSecret, startPspSimulator } from './server.ts'

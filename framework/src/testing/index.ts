/**
 * Testing: for the tests of applications. `testApplication` starts an application on a database of
 * its own, made from a migrated template on a real embedded PostgreSQL, with clock, randomness and
 * faults in the test's hands, under one of four runners: in one instance, with every call doubled, in
 * many instances that call each other over real sockets, and in many that are killed. All instances
 * live in the process of the test. Not for production code.
 */
export type { ExternalCaller } from '../call/index.ts'
export { createSeededRandom, FakeClock, type Principal } from '../kernel/index.ts'
export { replayHistory, type SagaHistory } from '../messages/index.ts'
export type { Kill, KillMoment, KillOptions } from './kill-plan.ts'
export { placementOf } from './placements.ts'
export { historyOf } from './saga-history.ts'
export { type TestRunner, testRunners } from './runner.ts'
export { type TestApplication, testApplication } from './test-application.ts'
export type { TestApplicationOptions } from './test-application-options.ts'
export { TestServer } from './test-server.ts'

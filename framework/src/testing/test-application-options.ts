import type { FileStore } from '../files/index.ts'
import type { Clock, Random } from '../kernel/index.ts'
import type { Mailer } from '../mail/index.ts'
import type { Safety, Transport, WorkerLimits } from '../messages/index.ts'
import type { PlannedCalls } from '../topology/index.ts'
import type { KillOptions } from './kill-plan.ts'
import type { TestRunner } from './runner.ts'

export interface TestApplicationOptions {
  /** How modules are run and call each other. A list names the runners that the test allows: the one
   *  that TEST_RUNNER says if it is among them, else the first. What TEST_RUNNER says unless given,
   *  and `inline` where it says nothing. */
  readonly runner?: TestRunner | readonly TestRunner[]
  /** Under `split` and `split-kill`: the modules of each service. Every module apart unless given, or
   *  what TEST_SERVICES says (`cart,catalog|orders`, `#7` for a generated placement). */
  readonly services?: readonly (readonly string[])[]
  /** Under `split` and `split-kill`: how instances call each other. `frames` over unix sockets, without
   *  TLS, unless given. */
  readonly calls?: Partial<PlannedCalls>
  /** Under `split-kill`: which calls are fatal. Every seventh unless given. */
  readonly kills?: KillOptions
  /** Calls from outside that one instance has in flight at once; more are refused. */
  readonly inFlightMax?: number
  /** A `FakeClock` to move time by hand; the machine's clock unless given. */
  readonly clock?: Clock
  readonly random?: Random
  /** Settings of modules, by module. */
  readonly config?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** True opens a listener on a free port of 127.0.0.1. */
  readonly http?: boolean
  /** Fills the databases as in development. */
  readonly seed?: boolean
  /** Whether schedules run by themselves; false unless given: run them with `runSchedule`. */
  readonly schedules?: boolean
  /** Whether events are carried and messages worked on; false unless given: they wait, to be looked at. */
  readonly messages?: boolean
  /** Bounds on the work on messages. */
  readonly messageLimits?: Partial<WorkerLimits>
  /** What carries messages; PostgreSQL itself unless given. Made once per instance. */
  readonly transport?: () => Transport
  /** Whether jobs too go through the outbox and what carries messages; false unless given. */
  readonly carriesJobs?: boolean
  /** Only negative controls give it. */
  readonly messageSafety?: Partial<Safety>
  /** Sends the mail of the modules; kept for `mails()` unless given. The test closes it. */
  readonly mailer?: Mailer
  /** A database that another test application left: both then work on the same rows. */
  readonly database?: string
  /** Where files are kept; a folder that lasts as long as the test application unless given. */
  readonly files?: FileStore
}

import type { Runner } from '../call/index.ts'
import type { DatabaseLimits, DatabaseServer } from '../data/index.ts'
import type { FileStore } from '../files/index.ts'
import type { Tokens } from '../identity/index.ts'
import type { World } from '../kernel/index.ts'
import type { Mailer } from '../mail/index.ts'
import type { Safety, Transport, WorkerLimits } from '../messages/index.ts'
import type { Application } from '../module/index.ts'
import type { Telemetry } from '../telemetry/index.ts'
import type { Placement } from './placement.ts'

/** The public HTTP of an instance, wherever it is mounted. */
export interface ApiOptions {
  /** Origins that browsers may call from; none unless given. */
  readonly corsOrigins?: readonly string[]
  /** Version of the application in the API document. */
  readonly version?: string
}

/** Where an instance listens. */
export interface ListenOptions {
  readonly host: string
  /** 0 picks a free port. */
  readonly port: number
  /** Whether another process may listen on the same port meanwhile, so that one can hand over to the
   *  other; false unless given. */
  readonly reusePort?: boolean
}

/** How an instance goes away. */
export interface DrainPeriods {
  /** How long it serves on after it said so. */
  readonly noticeMs: number
  /** When what is still in flight is cut off, counted from the start. */
  readonly deadlineMs: number
}

/** What one instance of an application is made of. */
export interface InstanceOptions {
  readonly application: Application
  /** Needed when a module declares tables. */
  readonly server: DatabaseServer | undefined
  readonly world: World
  readonly telemetry: Telemetry
  readonly tokens: Tokens
  /** Where the files of its modules are kept; without it `ctx.files` throws. It is not closed here. */
  readonly files?: FileStore
  /** Variables that module settings are read from. */
  readonly variables?: Readonly<Record<string, string | undefined>>
  /** Module settings given directly, by module; they win over variables. */
  readonly config?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly limits?: DatabaseLimits
  readonly inFlightMax?: number
  /** Sends the mail of the modules that are granted it; closed by whoever made it, after the instance. */
  readonly mailer?: Mailer
  readonly runner?: Runner
  readonly api?: ApiOptions
  /** Without it the instance has no listener; its `handler` can be mounted into a foreign server. */
  readonly listen?: ListenOptions
  /** With it the instance drains before its listeners close; without, they close at once. */
  readonly drain?: DrainPeriods
  /** Its place among other instances; without one it runs every module alone. */
  readonly placement?: Placement
  /** Whether schedules run by themselves; true unless given. Otherwise only `schedules.run` does. */
  readonly schedules?: boolean
  /** Whether messages are carried and worked on; true unless given. Otherwise they wait. */
  readonly messages?: boolean
  /** Carries events, and jobs when `carriesJobs`, from outboxes to inboxes; PostgreSQL itself unless given. */
  readonly transport?: Transport
  readonly carriesJobs?: boolean
  /** Bounds on the work on messages. */
  readonly messageLimits?: Partial<WorkerLimits>
  /** Only negative controls of tests give it. */
  readonly messageSafety?: Partial<Safety>
  /** Whether modules fill empty databases; false unless given. */
  readonly seed?: boolean
}

import type { Application } from '../module/index.ts'
import type { Endpoint } from '../remote/index.ts'
import type { LogSink } from '../telemetry/index.ts'
import type { Plan } from '../topology/index.ts'
import type { Settings } from './settings.ts'

/** The place of one process in a plan. */
export interface PlannedPlacement {
  readonly plan: Plan
  /** The service of the plan that it is an instance of. */
  readonly service: string
  /** Unique among all instances that ever ran: `sales-2-g7`. */
  readonly id: string
  /** Where its peers reach it; tcp port 0 picks one. */
  readonly peers: Endpoint
  /** The file that says where its peers are. */
  readonly directoryFile: string
  /** Folder of certificates; required with mutual TLS. */
  readonly certificates?: string
  /** Where the public HTTP listens, in a service that serves it; port 0 picks one. */
  readonly http?: { readonly host: string; readonly port: number }
}

export interface RuntimeOptions {
  readonly application: Application
  readonly settings: Settings
  /** Version shown in the API document. */
  readonly version?: string
  /** Whether modules fill empty databases. */
  readonly seed?: boolean
  /** Whether it has a listener of its own; true unless given. Without one its `handler` can be
   *  mounted into a foreign server. */
  readonly listen?: boolean
  /** Whether schedules run; true unless given. */
  readonly schedules?: boolean
  /** Whether messages are carried and worked on; true unless given. */
  readonly messages?: boolean
  /** Its place in a plan; without one it runs every module alone. */
  readonly placement?: PlannedPlacement
  readonly sink?: LogSink
  /** Told each step that takes time. */
  readonly report?: (step: string) => void
}

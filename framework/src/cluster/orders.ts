import type { Endpoint } from '../remote/index.ts'
import { clusterRequestRefused } from './errors.ts'
import type { CompanionCommand } from './planned-system.ts'

/** What a process of the supervisor is for. */
export type Task =
  | { readonly kind: 'postgres'; readonly folder: string }
  | { readonly kind: 'companion'; readonly companion: CompanionCommand }
  | { readonly kind: 'gateway'; readonly folder: string }
  /** Migrates, fills empty databases if asked, and ends. */
  | { readonly kind: 'prepare'; readonly isSeeding: boolean; readonly databaseUrl?: string }
  /** Issues the certificates of these services where they are missing or old, and ends. */
  | {
      readonly kind: 'certificates'
      readonly application: string
      readonly services: readonly string[]
      readonly folder: string
    }
  | InstanceTask

/** One instance of a service. */
export interface InstanceTask {
  readonly kind: 'instance'
  /** Of a `PlannedSystem`. */
  readonly planFile: string
  readonly service: string
  readonly id: string
  /** What to listen on for peers; tcp port 0 picks one. */
  readonly peers: Endpoint
  readonly directoryFile: string
  /** Where to serve the public HTTP, if it does; port 0 picks one. */
  readonly http?: { readonly host: string; readonly port: number }
  /** Folder of certificates; given with mutual TLS. */
  readonly certificates?: string
  readonly databaseUrl?: string
}

/** How a process reaches its supervisor, and proves which one it is. */
export interface LifelineOrders {
  readonly control: string
  readonly id: string
  readonly secret: string
  /** How long it goes on without a supervisor. */
  readonly graceMs: number
}

/** Everything that a process is told when it is started. */
export interface Orders {
  readonly lifeline: LifelineOrders
  readonly task: Task
  /** Of the supervisor; processes that outlive it read there who else still runs. */
  readonly stateFile: string
}

/** The variable that carries a process's orders: an environment is read by its owner alone, a command
 *  line by everybody. */
export const ordersVariable = 'BANYAN_ORDERS'

/** Takes the orders out of an environment, so that what the process starts in turn does not get them.
 *  @throws CLUSTER_REQUEST_REFUSED when there are none: it was not started by a supervisor */
export function takeOrders(environment: Record<string, string | undefined>): Orders {
  const text = environment[ordersVariable]
  delete environment[ordersVariable]
  if (text === undefined) {
    throw clusterRequestRefused({ cause: 'this command is for the supervisor, not for people' })
  }
  try {
    return JSON.parse(text) as Orders
  } catch (error) {
    throw clusterRequestRefused({ cause: `${ordersVariable} is not JSON` }, { cause: error })
  }
}

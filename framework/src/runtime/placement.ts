import type { Clock } from '../kernel/index.ts'
import type { Application, Module } from '../module/index.ts'
import type { Directory, Endpoint } from '../remote/index.ts'
import type { PlannedCalls, PlannedService } from '../topology/index.ts'

/** What an instance must know of the other services: what they host, and what else they do. */
export type PlacedService = Pick<PlannedService, 'name' | 'modules' | 'runs' | 'worksFor'>

/** Where an instance stands among others. Without one it runs every module alone. */
export interface Placement {
  /** All services, its own among them. */
  readonly services: readonly PlacedService[]
  /** The service that it is an instance of. */
  readonly service: string
  /** Unique among all instances that ever ran: `sales-2-g7`. */
  readonly id: string
  readonly calls: PlannedCalls
  /** Where its peers reach it; tcp port 0 picks one. */
  readonly endpoint: Endpoint
  /** Where its peers are. */
  readonly directory: Directory
  /** Folder of certificates; required with mutual TLS. */
  readonly certificates?: string
  /** Time on the road: pings, back-off and waits. The world's unless given; for tests that move the
   *  world's clock by hand, while real sockets keep their own time. */
  readonly clock?: Clock
}

/** The service that the placement is of.
 *  @throws Error when its own services do not name it */
export function ownService({ services, service }: Placement): PlacedService {
  const own = services.find(({ name }) => name === service)
  if (own === undefined) throw new Error(`no service ${service} in its own placement`)
  return own
}

/** The place of an instance that stands alone: every module runs here, and all is served. */
export const alone: PlacedService = {
  name: '',
  modules: ['*'],
  runs: ['http', 'schedules', 'messages'],
}

/** The modules whose messages instances of a service carry and work on. */
export function workedModules(application: Application, own: PlacedService): readonly Module[] {
  if (!own.runs.includes('messages')) return []
  const { worksFor } = own
  if (worksFor === undefined) return modulesOf(application, own)
  return application.modules.filter(({ contract }) => worksFor.includes(contract.name))
}

/** The modules whose operations run in instances of `service`, in the order of the application. */
export function modulesOf(
  { modules }: Application,
  { modules: placed }: PlacedService,
): readonly Module[] {
  if (placed.includes('*')) return modules
  return modules.filter(({ contract }) => placed.includes(contract.name))
}

import type { Application } from '../../module/index.ts'
import type { MessageEngine } from '../message-engine.ts'
import type { Plan, ServiceRole } from '../plan.ts'
import type { ProblemList } from '../problem-list.ts'

/** What a check looks at, and where it tells what it finds. */
export interface CheckScope {
  readonly plan: Plan
  readonly application: Application
  readonly problems: ProblemList
  /** Names of all services that were declared. */
  readonly services: readonly string[]
  /** Whether DATABASE_URL is set. */
  readonly hasDatabaseUrl: boolean
  /** The engine that BANYAN_MESSAGES_URL leads to, if it does. */
  readonly reachable: MessageEngine | undefined
}

/** The paths of one value of all services. */
export function pathsOf({ services }: CheckScope, key: string): readonly string[] {
  return services.map((service) => `services.${service}.${key}`)
}

/** Instances of the services that have a role. */
export function instancesOf({ services }: Plan, role: ServiceRole): number {
  return services
    .filter(({ runs }) => runs.includes(role))
    .reduce((sum, { instances }) => sum + instances, 0)
}

import type { Application } from '../module/index.ts'
import type { Plan, PlannedService } from './plan.ts'
import { hasMessages, hasTables, messageConnections, presentIn } from './tables.ts'

/** Of one instance of a service: modules with tables, and connections for their messages. */
export function connectionParts(
  service: PlannedService,
  application: Application,
): { readonly tables: number; readonly messages: number } {
  const modules = application.modules.filter(({ contract }) => {
    return presentIn(service).includes(contract.name) && hasTables(application, contract.name)
  })
  const messages = modules.filter(hasMessages).length * messageConnections
  return { tables: modules.length, messages }
}

/** Database connections that one instance of a service may open. */
export function connectionsPerInstance(service: PlannedService, application: Application): number {
  const { readers, transactions } = service.pool
  const { tables, messages } = connectionParts(service, application)
  return tables * (readers + transactions) + messages
}

/** Database connections that all instances of a plan may open. */
export function connectionsOf(plan: Plan, application: Application): number {
  return plan.services.reduce(
    (sum, service) => sum + service.instances * connectionsPerInstance(service, application),
    0,
  )
}

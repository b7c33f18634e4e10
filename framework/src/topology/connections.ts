import type { Application } from '../module/index.ts'
import type { Plan, PlannedService } from './plan.ts'
import { hasMessages, hasTables, messageConnections } from './tables.ts'

/** Database connections that one instance of a service may open. */
export function connectionsPerInstance(service: PlannedService, application: Application): number {
  const { readers, transactions } = service.pool
  const modules = application.modules.filter(({ contract }) => {
    return service.modules.includes(contract.name) && hasTables(application, contract.name)
  })
  const messages = modules.filter(hasMessages).length * messageConnections
  return modules.length * (readers + transactions) + messages
}

/** Database connections that all instances of a plan may open. */
export function connectionsOf(plan: Plan, application: Application): number {
  return plan.services.reduce(
    (sum, service) => sum + service.instances * connectionsPerInstance(service, application),
    0,
  )
}

import { graphOf } from '../../module/index.ts'
import {
  topologyMessagesUnplaced,
  topologyModuleUnplaced,
  topologySchedulesUnplaced,
  topologyUseUnreachable,
} from '../errors.ts'
import type { ServiceRole } from '../plan.ts'
import { hasMessages } from '../tables.ts'
import { type CheckScope, pathsOf } from './check-scope.ts'

/** Every module is in a service, every use leads somewhere, every schedule is run by somebody, and so are
 *  messages. */
export function checkPlacement(scope: CheckScope): void {
  const { plan, application } = scope
  if (plan.services.length === 0) return
  for (const module of application.modules) {
    const { contract, schedules } = module
    const hosts = plan.services.filter(({ modules }) => modules.includes(contract.name))
    if (hosts.length === 0) {
      tellUnplaced(scope, contract.name)
      continue
    }
    const isRun = (role: ServiceRole): boolean => hosts.some(({ runs }) => runs.includes(role))
    if (Object.keys(schedules).length > 0 && !isRun('schedules')) {
      tellUnrun(scope, topologySchedulesUnplaced, contract.name)
    }
    const isWorked = plan.services.some(({ worksFor }) => worksFor?.includes(contract.name))
    if (hasMessages(module) && !isRun('messages') && !isWorked) {
      tellUnrun(scope, topologyMessagesUnplaced, contract.name)
    }
  }
}

function tellUnplaced(scope: CheckScope, module: string): void {
  const { plan, application, problems } = scope
  const lists = pathsOf(scope, 'modules')
  problems.addBetween(topologyModuleUnplaced({ path: 'services', module }), lists)
  const users = [...graphOf(application)].flatMap(([name, uses]) =>
    uses.includes(module) ? [name] : [],
  )
  const user = plan.services.find(({ modules }) => modules.some((name) => users.includes(name)))
  if (user === undefined) return
  const path = `services.${user.name}.modules`
  const details = { path, users: users.join(' and '), used: module }
  problems.addBetween(topologyUseUnreachable(details), lists)
}

function tellUnrun(
  scope: CheckScope,
  unplaced: typeof topologySchedulesUnplaced,
  module: string,
): void {
  const error = unplaced({ path: 'services', module })
  scope.problems.addBetween(error, [...pathsOf(scope, 'modules'), ...pathsOf(scope, 'runs')])
}

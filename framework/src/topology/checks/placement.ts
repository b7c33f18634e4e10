import { graphOf } from '../../module/index.ts'
import {
  topologyModuleUnplaced,
  topologySchedulesUnplaced,
  topologyUseUnreachable,
} from '../errors.ts'
import { type CheckScope, pathsOf } from './check-scope.ts'

/** Every module is in a service, every use leads somewhere, every schedule is run by somebody. */
export function checkPlacement(scope: CheckScope): void {
  const { plan, application } = scope
  if (plan.services.length === 0) return
  for (const { contract, schedules } of application.modules) {
    const hosts = plan.services.filter(({ modules }) => modules.includes(contract.name))
    if (hosts.length === 0) tellUnplaced(scope, contract.name)
    else if (Object.keys(schedules).length > 0) {
      const isRun = hosts.some(({ runs }) => runs.includes('schedules'))
      if (!isRun) tellUnscheduled(scope, contract.name)
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

function tellUnscheduled(scope: CheckScope, module: string): void {
  const error = topologySchedulesUnplaced({ path: 'services', module })
  scope.problems.addBetween(error, [...pathsOf(scope, 'modules'), ...pathsOf(scope, 'runs')])
}

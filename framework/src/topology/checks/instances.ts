import {
  topologyHttpMissing,
  topologyInstancesExceeded,
  topologyServiceIdle,
  topologyServiceMissing,
  topologyValueUnused,
} from '../errors.ts'
import type { PlannedService } from '../plan.ts'
import { instancesMax } from '../ranges.ts'
import { type CheckScope, pathsOf } from './check-scope.ts'

/** There are services, each has something to do, one serves HTTP, and they are not too many. */
export function checkInstances(scope: CheckScope): void {
  const { plan, problems } = scope
  if (plan.services.length === 0) {
    return problems.addBetween(topologyServiceMissing({ path: 'services' }), ['services'])
  }
  for (const service of plan.services) checkWork(scope, service)
  if (!plan.services.some(({ runs }) => runs.includes('http'))) {
    problems.addBetween(topologyHttpMissing({ path: 'services' }), pathsOf(scope, 'runs'))
  }
  const instances = plan.services.reduce((sum, service) => sum + service.instances, 0)
  if (instances <= instancesMax) return
  const error = topologyInstancesExceeded({ path: 'services', instances, limit: instancesMax })
  problems.addBetween(error, pathsOf(scope, 'instances'))
}

function checkWork(
  { problems }: CheckScope,
  { name, modules, runs, worksFor }: PlannedService,
): void {
  if (modules.length > 0 || worksFor !== undefined) return
  const [ofModules, ofRuns] = [`services.${name}.modules`, `services.${name}.runs`]
  if (!runs.includes('http')) {
    const error = topologyServiceIdle({ path: `services.${name}`, service: name })
    problems.addBetween(error, [ofModules, ofRuns])
  } else if (runs.includes('schedules') || runs.includes('messages')) {
    const role = runs.includes('schedules') ? 'schedules' : 'messages'
    const cause = `"${name}" has no modules whose ${role} it could run`
    const error = topologyValueUnused({ path: ofRuns, value: `'${role}' among others`, cause })
    problems.addBetween(error, [ofModules, ofRuns])
  }
}

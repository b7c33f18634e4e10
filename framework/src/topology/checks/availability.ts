import { topologyGatewayMissing, topologyInstancesFew } from '../errors.ts'
import { type CheckScope, instancesOf, pathsOf } from './check-scope.ts'

/** A topology that claims to survive the loss of any instance has another one for each, and a gateway
 *  that leads clients to it. */
export function checkAvailability(scope: CheckScope): void {
  const { plan, problems } = scope
  if (plan.availability !== true) return
  for (const { name, instances } of plan.services) {
    if (instances > 1) continue
    const path = `services.${name}.instances`
    problems.addBetween(topologyInstancesFew({ path, instances }), [path, 'availability'])
  }
  const instances = instancesOf(plan, 'http')
  if (plan.gateway !== undefined || instances === 0) return
  const paths = ['gateway.engine', 'gateway', 'availability', ...pathsOf(scope, 'runs')]
  problems.addBetween(topologyGatewayMissing({ path: 'gateway', instances }), paths)
}

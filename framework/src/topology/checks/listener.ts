import { topologyPortOpen, topologyPortsExceeded } from '../errors.ts'
import { ranges } from '../ranges.ts'
import { type CheckScope, instancesOf, pathsOf } from './check-scope.ts'

/** There is a port for everyone who listens in public. */
export function checkListener(scope: CheckScope): void {
  const { plan, problems } = scope
  const { port } = plan.listen
  const path = 'listen.port'
  if (plan.gateway !== undefined) {
    if (port === 0) problems.addBetween(topologyPortOpen({ path }), [path, 'gateway.engine'])
    return
  }
  const instances = instancesOf(plan, 'http')
  if (port === 0 || port + instances - 1 <= ranges.port[1]) return
  const paths = [path, 'gateway', ...pathsOf(scope, 'runs'), ...pathsOf(scope, 'instances')]
  problems.addBetween(topologyPortsExceeded({ path, port, instances }), paths)
}

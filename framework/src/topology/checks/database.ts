import { connectionsOf, connectionsPerInstance } from '../connections.ts'
import {
  topologyConnectionsExceeded,
  topologyDatabaseUnset,
  topologyValueOutOfRange,
} from '../errors.ts'
import type { PlannedDatabase } from '../plan.ts'
import { serverConnections } from '../ranges.ts'
import { type CheckScope, pathsOf } from './check-scope.ts'

const maxPath = 'database.connectionsMax'
const reservedPath = 'database.connectionsReserved'

/** The server exists and has a connection for everything that may ask for one. */
export function checkDatabase(scope: CheckScope): void {
  const { plan, problems, hasDatabaseUrl } = scope
  const { database } = plan
  if (database === undefined) return
  if (database.server === 'environment' && !hasDatabaseUrl) {
    const path = 'database.server'
    problems.addBetween(topologyDatabaseUnset({ path }), [path])
  }
  checkLimits(scope, database)
  checkSum(scope, database)
}

function checkLimits({ problems }: CheckScope, database: PlannedDatabase): void {
  const { server, connectionsMax, connectionsReserved } = database
  if (server === 'embedded' && connectionsMax > serverConnections.embedded) {
    const value = String(connectionsMax)
    const expected = `at most ${serverConnections.embedded}, which the embedded PostgreSQL allows`
    problems.addBetween(topologyValueOutOfRange({ path: maxPath, value, expected }), [maxPath])
  }
  if (connectionsReserved >= connectionsMax) {
    const value = String(connectionsReserved)
    const expected = `less than ${maxPath}, which is ${connectionsMax}`
    const error = topologyValueOutOfRange({ path: reservedPath, value, expected })
    problems.addBetween(error, [maxPath, reservedPath])
  }
}

function checkSum(scope: CheckScope, database: PlannedDatabase): void {
  const { plan, application, problems } = scope
  const { connectionsMax: limit, connectionsReserved: reserved } = database
  const needed = connectionsOf(plan, application)
  if (reserved >= limit || needed + reserved <= limit) return
  const parts = plan.services.flatMap((service) => {
    const each = connectionsPerInstance(service, application)
    return each === 0 ? [] : [`${service.name} ${service.instances} × ${each}`]
  })
  const details = { path: maxPath, needed, reserved, limit, parts: parts.join(', ') }
  problems.addBetween(topologyConnectionsExceeded(details), [
    ...[maxPath, reservedPath, ...pathsOf(scope, 'modules'), ...pathsOf(scope, 'instances')],
    ...[...pathsOf(scope, 'pool.readers'), ...pathsOf(scope, 'pool.transactions')],
  ])
}

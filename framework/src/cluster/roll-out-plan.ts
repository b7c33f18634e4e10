import type { Plan } from '../topology/index.ts'
import {
  clusterApplicationDifferent,
  clusterAvailabilityLost,
  clusterConnectionsExceeded,
  clusterDatabaseDifferent,
} from './errors.ts'
import type { PlannedSystem } from './planned-system.ts'
import { type PlannedSlot, slotsOf } from './slot-plan.ts'

/** What a change from one plan to another does to the places of the running system. */
export interface RollOutPlan {
  /** Their processes stay as they are. */
  readonly keep: readonly PlannedSlot[]
  /** Started beside what runs. */
  readonly start: readonly PlannedSlot[]
  /** Names of places whose processes are stopped once the new ones serve. */
  readonly remove: readonly string[]
}

/** Compares two systems place by place. Pure. */
export function planRollOut(from: PlannedSystem, to: PlannedSystem): RollOutPlan {
  const running = new Map(slotsOf(from).map((slot) => [slot.name, slot]))
  const keep: PlannedSlot[] = []
  const start: PlannedSlot[] = []
  for (const slot of slotsOf(to)) {
    const isSame = running.get(slot.name)?.definition === slot.definition
    if (isSame) running.delete(slot.name)
    ;(isSame ? keep : start).push(slot)
  }
  return { keep, start, remove: [...running.keys()] }
}

/** Whether nothing has to be started or stopped to get from one to the other. Pure. */
export function isSameSystem(from: PlannedSystem, to: PlannedSystem): boolean {
  const { start, remove } = planRollOut(from, to)
  return start.length === 0 && remove.length === 0
}

/** Whether a running system may be moved to another plan. Pure.
 *  @throws CLUSTER_APPLICATION_DIFFERENT · CLUSTER_DATABASE_DIFFERENT ·
 *    CLUSTER_CONNECTIONS_EXCEEDED · CLUSTER_AVAILABILITY_LOST (not when forced) */
export function assertSafe(
  from: PlannedSystem,
  to: PlannedSystem,
  options: { readonly isForced: boolean },
): void {
  const [running, given] = [from.plan.application, to.plan.application]
  if (running !== given) throw clusterApplicationDifferent({ running, given })
  if (from.database !== to.database) {
    throw clusterDatabaseDifferent({ running: from.database, given: to.database })
  }
  assertConnections(from, to)
  const lost = lostAvailability(from.plan, to.plan)
  if (lost !== '' && !options.isForced) throw clusterAvailabilityLost({ services: lost })
}

/** Connections to the database that the places of a system may open at most. */
export function connectionsOf(
  system: PlannedSystem,
  slots: readonly { readonly service?: string }[],
): number {
  const tables = new Set(system.tables)
  const perInstance = new Map(
    system.plan.services.map(({ name, modules, pool }) => {
      const owners = modules.filter((module) => tables.has(module)).length
      return [name, owners * (pool.readers + pool.transactions)]
    }),
  )
  return slots.reduce((sum, { service }) => sum + (perInstance.get(service ?? '') ?? 0), 0)
}

function assertConnections(from: PlannedSystem, to: PlannedSystem): void {
  const { database } = to.plan
  if (database === undefined) return
  const { start } = planRollOut(from, to)
  const needed = connectionsOf(from, slotsOf(from)) + connectionsOf(to, start)
  const { connectionsMax: max, connectionsReserved: reserved } = database
  if (needed + reserved > max) throw clusterConnectionsExceeded({ needed, reserved, max })
}

/** What of the new plan would not survive the loss of an instance, where the old one claims that
 *  everything does; empty otherwise. */
function lostAvailability(from: Plan, to: Plan): string {
  if (from.availability !== true || to.availability === true) return ''
  const weak = [
    ...to.services.filter(({ instances }) => instances < 2).map(({ name }) => `one ${name}`),
    ...(to.gateway === undefined ? ['no gateway'] : []),
  ]
  return weak.length > 0 ? weak.join(', ') : 'it does not claim it'
}

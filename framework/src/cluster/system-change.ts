import { clusterConnectionsExceeded, clusterTargetUnknown } from './errors.ts'
import type { Fleet } from './fleet.ts'
import type { ApplyOptions } from './message.ts'
import type { PlannedSystem } from './planned-system.ts'
import { handOverAdvice } from './port-hand-over.ts'
import { assertFree } from './port-probe.ts'
import { prepare } from './preparation.ts'
import { rollOut } from './roll-out.ts'
import { assertSafe, connectionsOf, planRollOut } from './roll-out-plan.ts'
import { servingOf } from './serving.ts'
import type { Slot } from './slot.ts'
import { circleKeyOf, publicAddressesOf, slotsOf } from './slot-plan.ts'

/** What a change of the plan did. */
export interface Applied {
  readonly topology: string
  readonly kept: readonly string[]
  readonly started: readonly string[]
  readonly removed: readonly string[]
  readonly tookMs: number
}

/** What runs, for a command that wants to change it. */
export interface Described {
  readonly system: PlannedSystem
  /** What ran before it. */
  readonly previous: PlannedSystem | undefined
}

export function describeSystem({ plans, numbers }: Fleet): Described {
  const { plan, previousPlan } = numbers
  return {
    system: plans.get(plan),
    previous: previousPlan === undefined ? undefined : plans.get(previousPlan),
  }
}

/** Moves the running system to another plan; see `rollOut`.
 *  @throws CLUSTER_APPLICATION_DIFFERENT · CLUSTER_DATABASE_DIFFERENT · CLUSTER_CONNECTIONS_EXCEEDED ·
 *    CLUSTER_AVAILABILITY_LOST · CLUSTER_PORT_TAKEN, before anything happens · what preparing or the
 *    roll-out threw: what ran before still runs */
export async function applySystem(
  fleet: Fleet,
  system: PlannedSystem,
  options: ApplyOptions & { readonly signal: AbortSignal },
): Promise<Applied> {
  const { clock } = fleet.options
  const startMs = clock.monotonicMs()
  const current = fleet.plans.get(fleet.numbers.plan)
  assertSafe(current, system, options)
  await assertFree(newAddresses(current, system))
  const change = planRollOut(current, system)
  const advice = handOverAdvice(change)
  if (advice !== undefined) fleet.tell({ type: 'step', text: advice })
  const plan = openPlan(fleet, system)
  try {
    await prepare(fleet, system, { isSeeding: false, signal: options.signal })
    const remove = slotsNamed(fleet, change.remove)
    await rollOut(fleet, { start: change.start, remove, plan, deadlineMs: options.deadlineMs })
  } catch (error) {
    fleet.circles.delete(plan)
    fleet.record()
    throw error
  }
  fleet.plans.publish(plan)
  fleet.tell({ type: 'serving', ...servingOf(fleet, 'applied') })
  const names = (slots: readonly { readonly name: string }[]): readonly string[] =>
    slots.map(({ name }) => name)
  return {
    topology: system.plan.topology,
    kept: names(change.keep),
    started: names(change.start),
    removed: change.remove,
    tookMs: Math.round(clock.monotonicMs() - startMs),
  }
}

/** Starts processes anew, one at a time: the new one serves before the old one is drained. Keepers of
 *  engines are stopped and started, for there can be only one.
 *  @param target  a service, an instance, a keeper, or `all` for every instance
 *  @throws CLUSTER_TARGET_UNKNOWN · CLUSTER_CONNECTIONS_EXCEEDED · what preparing or the roll-out threw */
export async function restartTarget(
  fleet: Fleet,
  target: string,
  signal: AbortSignal,
): Promise<{ readonly restarted: readonly string[] }> {
  const slots = slotsMeant(fleet, target)
  const instances = slots.filter(({ kind }) => kind === 'instance')
  if (instances.length > 0) await restartInstances(fleet, instances, signal)
  for (const slot of slots) if (slot.kind !== 'instance') slot.restart()
  return { restarted: slots.map(({ name }) => name) }
}

async function restartInstances(
  fleet: Fleet,
  instances: readonly Slot[],
  signal: AbortSignal,
): Promise<void> {
  const { plan } = fleet.numbers
  const system = fleet.plans.get(plan)
  assertRoomForOne(system, instances)
  await prepare(fleet, system, { isSeeding: false, signal })
  const planned = slotsOf(system)
  const deadlineMs = fleet.options.limits.startTimeoutMs
  for (const slot of instances) {
    signal.throwIfAborted()
    const start = planned.filter(({ name }) => name === slot.name)
    await rollOut(fleet, { start, remove: [slot], plan, deadlineMs })
  }
}

function assertRoomForOne(system: PlannedSystem, instances: readonly Slot[]): void {
  const { database } = system.plan
  if (database === undefined) return
  const extra = Math.max(
    ...instances.map(({ service }) =>
      connectionsOf(system, [service === undefined ? {} : { service }]),
    ),
  )
  const needed = connectionsOf(system, slotsOf(system)) + extra
  const { connectionsMax: max, connectionsReserved: reserved } = database
  if (needed + reserved > max) throw clusterConnectionsExceeded({ needed, reserved, max })
}

/** Gives a plan its number and the circle that its instances meet in: that of what runs where they can
 *  work with each other, else one of their own. */
function openPlan(fleet: Fleet, system: PlannedSystem): number {
  const { plans, circles, numbers } = fleet
  const current = numbers.plan
  const plan = Math.max(current, ...circles.keys()) + 1
  const isSame = circleKeyOf(plans.get(current).plan) === circleKeyOf(system.plan)
  plans.write(plan, system)
  circles.set(plan, isSame ? (circles.get(current) ?? current) : plan)
  fleet.record()
  return plan
}

function newAddresses(
  from: PlannedSystem,
  to: PlannedSystem,
): readonly { readonly host: string; readonly port: number }[] {
  const own = publicAddressesOf(from.plan)
  return publicAddressesOf(to.plan).filter(
    ({ host, port }) => !own.some((known) => known.host === host && known.port === port),
  )
}

function slotsNamed(fleet: Fleet, names: readonly string[]): readonly Slot[] {
  return fleet.slots.filter(({ role, name }) => role === 'current' && names.includes(name))
}

function slotsMeant(fleet: Fleet, target: string): readonly Slot[] {
  const current = fleet.slots.filter(({ role }) => role === 'current')
  const meant = current.filter(
    ({ kind, name, service, child }) =>
      (target === 'all' && kind === 'instance') || [name, service, child?.id].includes(target),
  )
  if (meant.length > 0) return meant
  const names = current.map(({ service, name }) => service ?? name)
  throw clusterTargetUnknown({ target, known: [...new Set(names)].join(', ') })
}

import { startInTurn } from './bring-up.ts'
import { clusterStartOverdue } from './errors.ts'
import type { Fleet } from './fleet.ts'
import { retire } from './retire.ts'
import type { Slot } from './slot.ts'
import type { PlannedSlot } from './slot-plan.ts'

/** One change of what runs. */
export interface RollOut {
  /** Started beside what runs, and serving before anything else happens. */
  readonly start: readonly PlannedSlot[]
  /** Stopped when those serve. */
  readonly remove: readonly Slot[]
  /** The plan that runs afterwards. */
  readonly plan: number
  /** Longest wait for the new ones. */
  readonly deadlineMs: number
}

/** Moves the running system in steps, each of which the next supervisor can go on from:
 *
 *  1. new processes start beside the old; nothing else changes, and any failure takes them back
 *  2. all of them serve: they join the directory and the gateway
 *  3. **the decision**, one write of the recorded state: what was incoming is current, what goes is
 *     outgoing, the plan's number is the new one. Before it everything is taken back, after it
 *     everything is completed
 *  4. the old ones are drained and stopped
 *
 *  @throws CLUSTER_PROCESS_FAILED · CLUSTER_START_OVERDUE · CLUSTER_GATEWAY_REFUSED · CLUSTER_STOPPED:
 *  before the decision; what ran before still runs, and nothing else does */
export async function rollOut(fleet: Fleet, change: RollOut): Promise<void> {
  const incoming = addIncoming(fleet, change)
  try {
    await withDeadline(fleet, change.deadlineMs, incoming, () =>
      startIncoming(fleet, change, incoming),
    )
  } catch (error) {
    fleet.tell({ type: 'step', text: 'taking the change back' })
    fleet.join(undefined)
    await takeBack(fleet, incoming)
    throw error
  }
  decide(fleet, change, incoming)
  await complete(fleet)
}

/** Stops what was started for a change that was not decided. */
export async function takeBack(fleet: Fleet, incoming: readonly Slot[]): Promise<void> {
  if (incoming.length > 0) await retire(fleet, incoming, 'first')
}

/** Stops what a decided change has left over. */
export async function complete(fleet: Fleet): Promise<void> {
  const outgoing = fleet.slots.filter(({ role }) => role === 'outgoing')
  if (outgoing.length === 0) return
  const ids = outgoing.map(({ child, name }) => child?.id ?? name)
  fleet.tell({ type: 'step', text: `draining ${ids.join(', ')}` })
  await retire(fleet, outgoing, 'first')
}

function addIncoming(fleet: Fleet, { start, plan }: RollOut): readonly Slot[] {
  const generation = ++fleet.numbers.generation
  const incoming = start.map((planned) => {
    const slot = fleet.add(planned, { plan, role: 'incoming' })
    slot.nextGeneration = generation
    return slot
  })
  fleet.record()
  return incoming
}

async function startIncoming(
  fleet: Fleet,
  { plan }: RollOut,
  incoming: readonly Slot[],
): Promise<void> {
  const start = (slot: Slot): Promise<void> => {
    slot.begin()
    return slot.whenReady()
  }
  const names = incoming.map(({ name }) => name).join(', ')
  if (names !== '') fleet.tell({ type: 'step', text: `starting ${names}` })
  await startInTurn(
    incoming.filter(({ kind }) => kind === 'companion' || kind === 'postgres'),
    start,
  )
  await startInTurn(
    incoming.filter(({ kind }) => kind === 'instance'),
    start,
  )
  fleet.join(plan)
  await startInTurn(
    incoming.filter(({ kind }) => kind === 'gateway'),
    start,
  )
  await fleet.gatewaySettled()
}

async function withDeadline(
  fleet: Fleet,
  deadlineMs: number,
  incoming: readonly Slot[],
  run: () => Promise<void>,
): Promise<void> {
  const late = Promise.withResolvers<never>()
  const timer = fleet.options.clock.after(deadlineMs, () => {
    const slot = incoming.find(({ isReady }) => !isReady)
    const id = slot?.child?.id ?? slot?.name ?? 'the gateway'
    late.reject(clusterStartOverdue({ id, waitedMs: deadlineMs, lastLines: '' }))
  })
  try {
    await Promise.race([run(), late.promise])
  } finally {
    timer.stop()
  }
}

/** From here on the change is completed, whoever dies. */
function decide(fleet: Fleet, { remove, plan }: RollOut, incoming: readonly Slot[]): void {
  const { numbers } = fleet
  for (const slot of remove) slot.role = 'outgoing'
  for (const slot of incoming) {
    slot.role = 'current'
    slot.isOnTrial = false
  }
  for (const slot of fleet.slots) if (slot.role === 'current') slot.plan = plan
  if (numbers.plan !== plan) {
    numbers.previousPlan = numbers.plan
    numbers.plan = plan
  }
  fleet.record()
  fleet.join(undefined)
}

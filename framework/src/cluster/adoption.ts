import { readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import type { Fleet } from './fleet.ts'
import { isAlive } from './launcher.ts'
import type { RecordedSlot, RecordedState } from './recorded-state.ts'
import type { RunFolder } from './run-folder.ts'
import type { Slot } from './slot.ts'

/** Whether anything that a supervisor started still runs. */
export async function hasSurvivors(state: RecordedState): Promise<boolean> {
  for (const { child } of state.slots) {
    if (child !== undefined && (await isAlive(child))) return true
  }
  return false
}

/** Fills a fleet with what a supervisor left that was killed. Processes that still run are taken over
 *  as they are; the places of those that do not are empty and can be begun.
 *  Requires: nobody listens on the control socket yet, so that no process comes before its place is
 *  known. */
export async function adopt(fleet: Fleet, state: RecordedState): Promise<void> {
  const { numbers } = fleet
  numbers.generation = state.generation
  numbers.plan = state.plan
  numbers.previousPlan = state.previousPlan
  numbers.isPrepared = state.isPrepared
  for (const [plan, circle] of Object.entries(state.circles)) {
    fleet.circles.set(Number(plan), circle)
  }
  for (const recorded of state.slots) await adoptSlot(fleet, recorded)
}

async function adoptSlot(fleet: Fleet, recorded: RecordedSlot): Promise<void> {
  const { name, kind, service, plan, role } = recorded
  const owner = service === undefined ? {} : { service }
  const slot = fleet.add({ name, kind, ...owner }, { plan, role })
  slot.restarts = recorded.restarts
  slot.isOnTrial = false
  if (recorded.child === undefined) return
  const child = await fleet.tryAdopt(slot, recorded.child)
  if (child !== undefined) slot.begin(child)
}

/** Starts what is missing of a decided plan, takes back what was not decided, and forgets what was on
 *  its way out and has gone. */
export function sortSurvivors(fleet: Fleet): {
  readonly missing: readonly Slot[]
  readonly incoming: readonly Slot[]
} {
  const lives = ({ child }: Slot): boolean => child !== undefined
  const gone = fleet.slots.filter((slot) => slot.role !== 'current' && !lives(slot))
  fleet.remove(gone)
  return {
    missing: fleet.slots.filter((slot) => slot.role === 'current' && !lives(slot)),
    incoming: fleet.slots.filter(({ role }) => role === 'incoming'),
  }
}

/** Removes what a run that has ended left behind: sockets, directories, plans. Logs stay. */
export async function clearRemains(folder: RunFolder): Promise<void> {
  await removeNames(folder.root, (name) => /^directory-\d+\.json/.test(name))
  await removeNames(folder.sockets, (name) => name.endsWith('.sock'))
  await removeNames(folder.plans, () => true)
}

async function removeNames(folder: string, isRemains: (name: string) => boolean): Promise<void> {
  for (const name of await readdir(folder)) {
    if (isRemains(name)) await rm(path.join(folder, name), { recursive: true, force: true })
  }
}

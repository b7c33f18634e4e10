import { readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { clusterStateUnreadable } from './errors.ts'
import type { PlannedSystem } from './planned-system.ts'
import { planFileOf, type RunFolder } from './run-folder.ts'
import { tryReadText, writeWhole } from './written-file.ts'

/** The plans of one run folder, by number: what runs, what it may go back to, what is being started.
 *  Processes read theirs when they start. */
export class PlanStore {
  readonly #folder: RunFolder
  readonly #read = new Map<number, PlannedSystem>()

  constructor(folder: RunFolder) {
    this.#folder = folder
  }

  write(plan: number, system: PlannedSystem): void {
    writeWhole(planFileOf(this.#folder, plan), JSON.stringify(system))
    this.#read.set(plan, system)
  }

  /** @throws CLUSTER_STATE_UNREADABLE */
  get(plan: number): PlannedSystem {
    const known = this.#read.get(plan)
    if (known !== undefined) return known
    const system = readPlannedSystem(planFileOf(this.#folder, plan))
    this.#read.set(plan, system)
    return system
  }

  /** Says which plan runs, to people and programs. */
  publish(plan: number): void {
    writeWhole(this.#folder.plan, `${JSON.stringify(this.get(plan).plan, undefined, 2)}\n`)
  }

  /** Forgets all plans but these. */
  async prune(kept: readonly number[]): Promise<void> {
    for (const plan of this.#read.keys()) if (!kept.includes(plan)) this.#read.delete(plan)
    const names = new Set(kept.map((plan) => path.basename(planFileOf(this.#folder, plan))))
    for (const name of await readdir(this.#folder.plans)) {
      if (!names.has(name)) await rm(path.join(this.#folder.plans, name), { force: true })
    }
  }
}

/** Reads what a process was given as its plan.
 *  @throws CLUSTER_STATE_UNREADABLE */
export function readPlannedSystem(file: string): PlannedSystem {
  const text = tryReadText(file)
  if (text === undefined) throw clusterStateUnreadable({ file, cause: 'it is missing' })
  try {
    return JSON.parse(text) as PlannedSystem
  } catch (error) {
    throw clusterStateUnreadable({ file, cause: 'it is not JSON' }, { cause: error })
  }
}

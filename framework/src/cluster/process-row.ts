import type { Endpoint } from '../remote/index.ts'
import type { Fleet } from './fleet.ts'
import { isAlive } from './launcher.ts'
import { readPlannedSystem } from './plan-store.ts'
import { type RecordedState, type SlotKind, type SlotRole, tryReadState } from './recorded-state.ts'
import { logFileOf, planFileOf, type RunFolder } from './run-folder.ts'
import type { Slot } from './slot.ts'

/** What runs, one row per place of the plan. */
export interface ProcessRow {
  /** `sales-2-g7`; the place's name while nothing fills it. */
  readonly id: string
  readonly kind: SlotKind
  readonly service: string | undefined
  readonly modules: readonly string[]
  readonly pid: number | undefined
  /** `unwatched`: it runs, and no supervisor does. */
  readonly state: 'starting' | 'ready' | 'draining' | 'waiting' | 'unwatched'
  readonly role: SlotRole
  readonly uptimeMs: number | undefined
  /** How often it was started again since its place was made. */
  readonly restarts: number
  readonly url: string | undefined
  readonly peers: Endpoint | undefined
  readonly inFlight: number | undefined
  readonly rssBytes: number | undefined
  readonly log: string
}

/** A running system as `ps` shows it. */
export interface ProcessTable {
  readonly application: string
  readonly topology: string
  /** Of the supervisor; undefined when none runs. */
  readonly supervisor: number | undefined
  readonly rows: readonly ProcessRow[]
}

/** The rows of a fleet, in the order of its plan. */
export function rowsOf(fleet: Fleet): ProcessTable {
  const { plan } = fleet.plans.get(fleet.numbers.plan)
  return {
    application: plan.application,
    topology: plan.topology,
    supervisor: process.pid,
    rows: fleet.slots.map((slot) => rowOf(fleet, slot)),
  }
}

/** What a killed supervisor left running on a folder; undefined when nothing does.
 *  @throws CLUSTER_STATE_UNREADABLE */
export async function tryReadSurvivors(
  folder: RunFolder,
  nowMs: number,
): Promise<ProcessTable | undefined> {
  const state = tryReadState(folder.state)
  if (state === undefined) return undefined
  const rows = await survivorRows(folder, state, nowMs)
  if (rows.length === 0) return undefined
  const { plan } = readPlannedSystem(planFileOf(folder, state.plan))
  return { application: plan.application, topology: plan.topology, supervisor: undefined, rows }
}

async function survivorRows(
  folder: RunFolder,
  state: RecordedState,
  nowMs: number,
): Promise<readonly ProcessRow[]> {
  const rows: ProcessRow[] = []
  for (const { kind, service, role, restarts, child } of state.slots) {
    if (child === undefined || !(await isAlive(child))) continue
    const { id, pid, report, startedAtMs } = child
    rows.push({
      ...{ id, kind, service, modules: [], pid, role, restarts },
      state: 'unwatched',
      uptimeMs: nowMs - startedAtMs,
      url: report?.url,
      peers: report?.peers,
      inFlight: undefined,
      rssBytes: undefined,
      log: logFileOf(folder, id),
    })
  }
  return rows
}

function rowOf(fleet: Fleet, slot: Slot): ProcessRow {
  const { kind, service, child, role, state, restarts } = slot
  const { folder, clock } = fleet.options
  const { services } = fleet.plans.get(child?.plan ?? slot.plan).plan
  const record = child === undefined ? undefined : fleet.launcher.recordOf(child)
  const id = child?.id ?? slot.name
  return {
    ...{ id, kind, service, role, state, restarts },
    modules: services.find(({ name }) => name === service)?.modules ?? [],
    pid: child?.pid,
    uptimeMs: record === undefined ? undefined : clock.nowMs() - record.startedAtMs,
    url: child?.report?.url,
    peers: child?.report?.peers,
    inFlight: child?.load.inFlight,
    rssBytes: child?.load.rssBytes,
    log: logFileOf(folder, id),
  }
}

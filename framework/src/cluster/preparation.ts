import type { Child } from './child.ts'
import { errorOf } from './error-fields.ts'
import { clusterProcessFailed, clusterStartOverdue } from './errors.ts'
import type { Fleet } from './fleet.ts'
import { certificatesIn } from './instance-task.ts'
import { readLastLines } from './log-file.ts'
import type { Task } from './orders.ts'
import type { PlannedSystem } from './planned-system.ts'
import { logFileOf } from './run-folder.ts'

/** What must be done before instances of a system can start, each by a process of its own that ends:
 *  certificates, and migrations with seeds. One process migrates everything before any instance
 *  starts, so a migration that fails is one error and not a loop of crashes; instances find nothing
 *  to do.
 *  @throws the error that the process told of · CLUSTER_PROCESS_FAILED · CLUSTER_START_OVERDUE */
export async function prepare(
  fleet: Fleet,
  system: PlannedSystem,
  options: { readonly isSeeding: boolean; readonly signal: AbortSignal },
): Promise<void> {
  await issueCertificates(fleet, system, options.signal)
  if (system.tables.length === 0) return
  fleet.tell({ type: 'step', text: 'migrating' })
  const { databaseUrl } = fleet
  const { isSeeding } = options
  const url = databaseUrl === undefined ? {} : { databaseUrl }
  await run(fleet, 'prepare', { kind: 'prepare', isSeeding, ...url }, options.signal)
}

/** Issues the certificates that a system needs, where they are missing or old. */
export async function issueCertificates(
  fleet: Fleet,
  { plan }: PlannedSystem,
  signal: AbortSignal,
): Promise<void> {
  if (!plan.calls.mtls) return
  const services = plan.services.map(({ name }) => name)
  const folder = certificatesIn(fleet.options.stateFolder)
  const { application } = plan
  await run(fleet, 'certificates', { kind: 'certificates', application, services, folder }, signal)
}

async function run(fleet: Fleet, id: string, task: Task, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const { limits, clock } = fleet.options
  const child = fleet.launchTask(id, task)
  const kill = (): void => child.kill()
  let isOverdue = false
  const timer = clock.after(limits.prepareTimeoutMs, () => {
    isOverdue = true
    child.kill()
  })
  signal.addEventListener('abort', kill, { once: true })
  const end = await child.ended
  timer.stop()
  signal.removeEventListener('abort', kill)
  signal.throwIfAborted()
  if (isOverdue) throw overdue(fleet, child)
  if (end.exitCode === 0) return
  if (end.error !== undefined) throw errorOf(end.error)
  const lastLines = readLastLines(logFileOf(fleet.options.folder, id))
  throw clusterProcessFailed({ id, status: end.status, cause: '', fix: '', lastLines })
}

function overdue(fleet: Fleet, { id }: Child): Error {
  const { folder, limits } = fleet.options
  const lastLines = readLastLines(logFileOf(folder, id))
  return clusterStartOverdue({ id, waitedMs: limits.prepareTimeoutMs, lastLines })
}

import type { Clock } from '../../kernel/index.ts'
import type { GatewayFolder } from './gateway-folder.ts'
import { readStatsOf } from './gateway-stats.ts'
import type { HaproxyProcess } from './haproxy-process.ts'
import { tryListProcesses } from './process-list.ts'
import { waitUntil } from './wait-until.ts'

const everyMs = 50
const termTimeoutMs = 2_000

interface StopOptions {
  readonly clock: Clock
  readonly folder: GatewayFolder
  /** How long clients that hold connections are told, by their next answer, to close them. */
  readonly noticeMs: number
  /** How long requests in flight may take. */
  readonly deadlineMs: number
}

/** Ends HAProxy: it stops listening at once, finishes what is in flight, and closes idle connections
 *  when the notice is over. What is left at the deadline is cut off. */
export async function stopHaproxy(running: HaproxyProcess, options: StopOptions): Promise<void> {
  const { clock, deadlineMs } = options
  const noticeMs = Math.min(options.noticeMs, deadlineMs)
  const startMs = clock.monotonicMs()
  const hasEnded = async (timeoutMs: number, isIdle: () => Promise<boolean>): Promise<boolean> => {
    const look = async (): Promise<true | undefined> =>
      running.exit !== undefined || (await isIdle()) ? true : undefined
    await waitUntil({ clock, timeoutMs, everyMs }, look)
    return running.exit !== undefined
  }
  signal(running, 'SIGUSR1')
  const isIdle = async (): Promise<boolean> =>
    clock.monotonicMs() - startMs >= noticeMs && (await countInFlight(options)) === 0
  if (await hasEnded(deadlineMs, isIdle)) return
  signal(running, 'SIGTERM')
  const never = async (): Promise<boolean> => false
  if (await hasEnded(termTimeoutMs, never)) return
  signal(running, 'SIGKILL')
  await hasEnded(termTimeoutMs, never)
}

/** In all workers, those of earlier configurations included. Their own sockets are closed by now; the
 *  master still passes questions on to them. One that is gone has nothing in flight.
 *  @returns undefined when the master does not say. */
async function countInFlight({ folder }: StopOptions): Promise<number | undefined> {
  const master = folder.pathOf('masterSocket')
  const processes = await tryListProcesses(master).catch(() => undefined)
  if (processes === undefined) return undefined
  const all = processes.workers.map((pid) => readStatsOf(master, pid).catch(() => undefined))
  const instances = (await Promise.all(all)).flatMap((stats) => stats?.instances ?? [])
  return instances.reduce((sum, { inFlight }) => sum + inFlight, 0)
}

/** SIGKILL goes to the whole group, because the master cannot pass it on. */
function signal({ pid, exit }: HaproxyProcess, name: NodeJS.Signals): void {
  if (exit !== undefined) return
  try {
    process.kill(name === 'SIGKILL' ? -pid : pid, name)
  } catch {}
}

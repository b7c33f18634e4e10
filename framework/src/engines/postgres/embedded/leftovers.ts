import { readdir, readFile, readlink, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isRunning, readCommandLine, tryIdentify } from '../../../process/index.ts'
import { postgresEmbeddedFolderInUse, postgresEmbeddedFolderUnusable } from './errors.ts'
import type { Layout } from './layout.ts'
import { endPostmaster, stopTimeoutMs } from './shutdown.ts'
import { type Startup, waitUntil } from './startup.ts'

/** In the command line of every server of ours, to tell it from one that somebody started by hand. */
export const serverMark = 'cluster_name=banyan'

const strayTimeoutMs = 6_000
const endingTimeoutMs = 1_000

/** Makes the folder free of what a crash left: a server whose owner was killed, its processes, its
 *  lock files.
 *  An orphaned server is stopped and started anew, not adopted: that costs 0.1 s, and an adopted one
 *  would run without a watchdog, with another start's settings and as nobody's child.
 *  Requires: the folder's lock is held.
 *  @throws POSTGRES_EMBEDDED_FOLDER_IN_USE when a server that is not ours runs on the data. */
export async function clearLeftovers(layout: Layout, startup: Startup): Promise<void> {
  const pidFile = join(layout.data, 'postmaster.pid')
  const text = await readFile(pidFile, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    throw error
  })
  const pid = Number.parseInt(text ?? '', 10)
  if (pid > 0) await endOrphan(pid, layout, startup)
  await waitForStrays(layout, startup)
  // PostgreSQL takes a living process with that id for a server, though after a reboot it may be any;
  // that none serves this folder was just established.
  if (text !== undefined) await rm(pidFile, { force: true })
  for (const name of ['.s.PGSQL.5432', '.s.PGSQL.5432.lock']) {
    await rm(join(layout.socket, name), { force: true })
  }
}

async function endOrphan(pid: number, layout: Layout, startup: Startup): Promise<void> {
  const identity = await tryIdentify(pid)
  if (identity === undefined) return
  const hasEnded = async (): Promise<boolean> => !(await isRunning(identity))
  // Read once: a process that is just ending loses its command line before its id, and a server of
  // ours must not pass for somebody else's in that moment.
  const command = await readCommandLine(pid)
  if (command === '') return void (await waitUntil(startup.clock, endingTimeoutMs, hasEnded))
  if (!(await serves(pid, command, layout.data))) return
  if (!command.includes(serverMark)) {
    throw postgresEmbeddedFolderInUse({ folder: layout.data, pid })
  }
  startup.step(`stopping the server ${pid} of a process that was killed`)
  const ended = await endPostmaster({
    clock: startup.clock,
    fastTimeoutMs: Math.min(stopTimeoutMs, startup.remainingMs),
    hasEnded,
    send: (signal) => sendSignal(pid, signal),
  })
  if (!ended) throw postgresEmbeddedFolderInUse({ folder: layout.data, pid })
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    // It ended meanwhile; whether it did is asked anyway.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

/** Whether the process is the PostgreSQL server of that data folder, which is its working folder and
 *  usually in its command line. */
async function serves(pid: number, command: string, data: string): Promise<boolean> {
  if (!command.includes('postgres')) return false
  if (command.includes(`-D ${data} `) || command.trimEnd().endsWith(`-D ${data}`)) return true
  return (await readWorkingFolder(pid)) === data
}

/** The server's processes end by themselves when it was killed, within moments; until then they
 *  may still write. Elsewhere than on Linux PostgreSQL's own shared memory check guards this. */
async function waitForStrays(layout: Layout, startup: Startup): Promise<void> {
  if (process.platform !== 'linux') return
  const timeoutMs = Math.min(strayTimeoutMs, startup.remainingMs)
  const isFree = async (): Promise<boolean> => (await findStrays(layout.data)).length === 0
  if (await waitUntil(startup.clock, timeoutMs, isFree)) return
  const [pid = 0] = await findStrays(layout.data)
  const cause = `process ${pid} of a server that was killed still runs`
  throw postgresEmbeddedFolderUnusable({ folder: layout.data, cause })
}

/** The server processes whose working folder it is; none elsewhere than on Linux. */
export async function findStrays(data: string): Promise<number[]> {
  const strays: number[] = []
  for (const name of await readdir('/proc').catch(() => [])) {
    const pid = Number(name)
    if (!Number.isInteger(pid) || (await readWorkingFolder(pid)) !== data) continue
    const command = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')
    if (command.trim() === 'postgres') strays.push(pid)
  }
  return strays
}

async function readWorkingFolder(pid: number): Promise<string | undefined> {
  return readlink(`/proc/${pid}/cwd`).catch(() => undefined)
}

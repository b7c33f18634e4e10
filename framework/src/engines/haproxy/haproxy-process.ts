import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import type { Clock } from '../../kernel/index.ts'
import { haproxyCommandFailed } from './errors.ts'
import type { GatewayFolder } from './gateway-folder.ts'
import { fileNames } from './layout.ts'
import { tryListProcesses } from './process-list.ts'
import { waitUntil } from './wait-until.ts'
import { watchedCommand } from './watchdog.ts'

/** How HAProxy ended; both null when it was not our own child, which is told nothing. */
export interface GatewayExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A running master of HAProxy. It leads a process group of its own, with its workers. */
export interface HaproxyProcess {
  readonly pid: number
  readonly isAdopted: boolean
  readonly exited: Promise<GatewayExit>
  /** Undefined while it runs. */
  readonly exit: GatewayExit | undefined
}

const lookEveryMs = 500
/** A dead process may keep its id until somebody collects it. */
const refusalsMax = 6
/** Longer than a master needs to replace itself. */
const adoptTimeoutMs = 3_000

/** Starts HAProxy. It reports to the log, keeps running when we end, and does not keep us alive. */
export function spawnHaproxy(
  folder: GatewayFolder,
  options: { readonly binary: string; readonly orphanGraceMs: number },
): HaproxyProcess {
  const log = openSync(folder.pathOf('log'), 'a', 0o600)
  const socket = `unix@${fileNames.masterSocket},mode,600,level,admin`
  const words = ['-W', '-f', fileNames.config, '-p', fileNames.pid, '-S', socket]
  const command = watchedCommand([options.binary, ...words], options.orphanGraceMs)
  const [program, ...args] = command
  const running = new Running()
  try {
    const child = spawn(program, args, {
      cwd: folder.path,
      detached: true,
      stdio: ['ignore', log, log],
    })
    child.once('exit', (code, signal) => running.end({ code, signal }))
    child.once('error', () => running.end({ code: null, signal: null }))
    child.unref()
    return Object.assign(running, { pid: child.pid ?? -1, isAdopted: false })
  } finally {
    closeSync(log)
  }
}

/** Finds the HAProxy that already runs in a folder: whoever answers on the master's socket there is it.
 *  While a master replaces itself, nobody answers for a moment though its process lives; so a refusal
 *  counts only when there is no such process, or after a while.
 *  @throws HAPROXY_COMMAND_FAILED when somebody listens there and does not answer: a second one must
 *    not be started then. */
export async function tryAdoptHaproxy(
  folder: GatewayFolder,
  clock: Clock,
): Promise<HaproxyProcess | undefined> {
  const socket = folder.pathOf('masterSocket')
  let failure: Error | undefined
  const found = await waitUntil({ clock, timeoutMs: adoptTimeoutMs, everyMs: 50 }, async () => {
    try {
      failure = undefined
      const pid = (await tryListProcesses(socket))?.master
      return pid ?? (isAlive(await folder.masterPid()) ? undefined : 'absent')
    } catch (error) {
      if (!haproxyCommandFailed.is(error)) throw error
      failure = error
      return undefined
    }
  })
  if (failure !== undefined) throw failure
  if (found === undefined || found === 'absent') return undefined
  const running = new Running()
  watchSocket({ socket, pid: found }, clock, () => running.end({ code: null, signal: null }))
  return Object.assign(running, { pid: found, isAdopted: true })
}

class Running {
  readonly exited: Promise<GatewayExit>
  readonly #resolve: (exit: GatewayExit) => void
  exit: GatewayExit | undefined

  constructor() {
    const { promise, resolve } = Promise.withResolvers<GatewayExit>()
    this.exited = promise
    this.#resolve = resolve
  }

  end(exit: GatewayExit): void {
    this.exit ??= exit
    this.#resolve(this.exit)
  }
}

/** The end of a process that is not our child is seen by its socket: nobody listens there any more. A
 *  master that is slow to answer has not ended, nor has one that is busy with replacing itself. */
function watchSocket(
  { socket, pid }: { readonly socket: string; readonly pid: number },
  clock: Clock,
  onEnd: () => void,
): void {
  let refusals = 0
  const look = async (): Promise<void> => {
    const found = await tryListProcesses(socket).catch(() => 'unknown')
    refusals = found === undefined ? refusals + 1 : 0
    if (refusals >= refusalsMax || (refusals > 0 && !isAlive(pid))) onEnd()
    else next()
  }
  const next = (): void => {
    clock.after(lookEveryMs, () => void look(), { background: true })
  }
  next()
}

function isAlive(pid: number): boolean {
  if (pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

import type { Clock } from '../../kernel/index.ts'
import { haproxyListenFailed, haproxyReloadFailed, haproxyStartFailed } from './errors.ts'
import type { GatewayFolder } from './gateway-folder.ts'
import type { HaproxyProcess } from './haproxy-process.ts'
import { tryListProcesses } from './process-list.ts'
import { askMaster, askWorker, ifListening } from './runtime-api.ts'
import { waitUntil } from './wait-until.ts'

/** The worker that serves at this moment. */
export interface Worker {
  readonly pid: number
  /** Of the configuration that it runs. */
  readonly digest: string
}

const startTimeoutMs = 15_000
const everyMs = 25

/** Who answers on the runtime API; undefined while nobody does. */
export async function tryReadWorker(folder: GatewayFolder): Promise<Worker | undefined> {
  const text = await ifListening(askWorker(folder.pathOf('runtimeSocket'), 'show info'))
  if (text === undefined) return undefined
  const pid = Number(/^Pid: (\d+)$/m.exec(text)?.[1] ?? 0)
  const digest = /^description: banyan:(\S*)$/m.exec(text)?.[1] ?? ''
  return pid === 0 ? undefined : { pid, digest }
}

/** What waiting for a worker needs. */
interface Waiting {
  readonly folder: GatewayFolder
  readonly clock: Clock
  readonly process: HaproxyProcess
}

/** Waits until a process that was just started serves.
 *  @throws HAPROXY_LISTEN_FAILED · HAPROXY_START_FAILED */
export async function awaitStart(waiting: Waiting, logOffset: number): Promise<Worker> {
  const { folder, process } = waiting
  const options = { clock: waiting.clock, timeoutMs: startTimeoutMs, everyMs }
  const found = await waitUntil(options, async () => {
    if (process.exit !== undefined) return 'ended'
    const processes = await tryListProcesses(folder.pathOf('masterSocket')).catch(() => undefined)
    return processes?.master === process.pid ? tryReadWorker(folder) : undefined
  })
  if (found !== undefined && found !== 'ended') return found
  const lines = await folder.logLines(logOffset)
  const cause = found === 'ended' ? 'it ended' : `not ready within ${startTimeoutMs} ms`
  throw listenFailure(lines) ?? haproxyStartFailed({ folder: folder.path, cause, lines })
}

/** Lets the master start a worker with the files as they are now. The listeners pass from the old
 *  worker to the new one: no connection is refused meanwhile, and the old one ends when its clients
 *  have what they asked for.
 *  @throws HAPROXY_LISTEN_FAILED · HAPROXY_RELOAD_FAILED; the old worker then serves on. */
export async function reloadWorker(waiting: Waiting): Promise<Worker> {
  const { folder } = waiting
  const [logOffset, before] = [await folder.logSize(), await tryReadWorker(folder)]
  const failuresBefore = await countFailures(folder)
  await askMaster(folder.pathOf('masterSocket'), 'reload')
  const options = { clock: waiting.clock, timeoutMs: startTimeoutMs, everyMs }
  const found = await waitUntil(options, async () => {
    const worker = await tryReadWorker(folder).catch(() => undefined)
    if (worker !== undefined && worker.pid !== before?.pid) return worker
    const hasFailed = (await countFailures(folder).catch(() => failuresBefore)) > failuresBefore
    return hasFailed || waiting.process.exit !== undefined ? 'failed' : undefined
  })
  if (found !== undefined && found !== 'failed') return found
  const lines = await folder.logLines(logOffset)
  const cause = found === 'failed' ? 'it failed' : `no new worker within ${startTimeoutMs} ms`
  throw listenFailure(lines) ?? haproxyReloadFailed({ folder: folder.path, cause, lines })
}

async function countFailures(folder: GatewayFolder): Promise<number> {
  return (await tryListProcesses(folder.pathOf('masterSocket')))?.failedReloads ?? 0
}

/** HAProxy names the address behind the reason: `cannot bind socket (Address already in use)
 *  [127.0.0.1:4000]`. */
function listenFailure(lines: string): Error | undefined {
  const match = /cannot bind socket \(([^)]*)\)(?: for)? \[([^\]]*(?:\]:\d+)?)\]/.exec(lines)
  if (match === null) return undefined
  const [, cause = '', address = ''] = match
  return haproxyListenFailed({ address, cause })
}

import { haproxyCommandFailed } from './errors.ts'
import { askMaster, ifListening } from './runtime-api.ts'

/** The processes of one HAProxy, as its master lists them. */
export interface ProcessList {
  readonly master: number
  /** Those of earlier configurations included, which only finish what they have. */
  readonly workers: readonly number[]
  /** Reloads that failed since the last that did not. */
  readonly failedReloads: number
}

/** Asks the master behind a socket; undefined when no HAProxy runs there.
 *  @throws HAPROXY_COMMAND_FAILED when somebody listens and does not say. */
export async function tryListProcesses(masterSocket: string): Promise<ProcessList | undefined> {
  const command = 'show proc'
  const text = await ifListening(askMaster(masterSocket, command))
  if (text === undefined) return undefined
  const master = /^(\d+)\s+master\b/m.exec(text)?.[1]
  if (master === undefined) throw haproxyCommandFailed({ command, cause: `it said "${text}"` })
  return {
    master: Number(master),
    workers: [...text.matchAll(/^(\d+)\s+worker\b/gm)].map(([, pid]) => Number(pid)),
    failedReloads: Number(/\[failed: (\d+)\]/.exec(text)?.[1] ?? 0),
  }
}

import type { Clock } from '../../../kernel/index.ts'
import { waitUntil } from './startup.ts'

/** How long each rung may take: SIGINT rolls back and writes a checkpoint, SIGQUIT leaves recovery
 *  to the next start, SIGKILL cannot be refused. */
export const stopTimeoutMs = 10_000
const quitTimeoutMs = 5_000
const killTimeoutMs = 5_000

/** Ends a postmaster, politely first. @returns whether it has ended. */
export async function endPostmaster(options: {
  readonly clock: Clock
  readonly fastTimeoutMs: number
  readonly hasEnded: () => boolean | Promise<boolean>
  readonly send: (signal: NodeJS.Signals) => void
}): Promise<boolean> {
  const { clock, hasEnded, send } = options
  const rungs: readonly (readonly [NodeJS.Signals, number])[] = [
    ['SIGINT', options.fastTimeoutMs],
    ['SIGQUIT', quitTimeoutMs],
    ['SIGKILL', killTimeoutMs],
  ]
  for (const [signal, timeoutMs] of rungs) {
    if (await hasEnded()) return true
    send(signal)
    if (await waitUntil(clock, timeoutMs, hasEnded)) return true
  }
  return false
}

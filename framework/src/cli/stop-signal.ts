import type { Clock } from '../kernel/index.ts'

/** When people or supervisors ask this process to stop. */
export interface StopSignals {
  /** Resolves at the first SIGINT or SIGTERM, or at the loss of the parent where that is watched. */
  readonly first: Promise<void>
  /** Resolves when somebody insists. */
  readonly second: Promise<void>
}

/** npm passes on a Ctrl-C that its child got from the terminal as well: one key press, two signals. */
const sameKeyPressMs = 400

/** Watches for signals from now on; they no longer end the process by themselves. */
export function watchStopSignals(
  clock: Clock,
  options: { readonly withParent?: boolean } = {},
): StopSignals {
  const first = Promise.withResolvers<void>()
  const second = Promise.withResolvers<void>()
  let stoppedMs: number | undefined
  const stop = (): void => {
    const nowMs = clock.monotonicMs()
    if (stoppedMs === undefined) {
      stoppedMs = nowMs
      first.resolve()
    } else if (nowMs - stoppedMs > sameKeyPressMs) second.resolve()
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  process.on('SIGHUP', stop)
  if (options.withParent === true) process.once('disconnect', () => first.resolve())
  if (process.env['npm_lifecycle_event'] !== undefined) watchNpm(clock, first.resolve)
  return { first: first.promise, second: second.promise }
}

const lookEveryMs = 500

/** A signal to npm ends the shell between npm and this process, but does not reach this process: then
 *  another process has become the parent. */
function watchNpm(clock: Clock, orphaned: () => void): void {
  const parent = process.ppid
  const look = (): void => {
    if (process.ppid !== parent) return orphaned()
    clock.after(lookEveryMs, look, { background: true })
  }
  look()
}

import { url as debuggerUrl } from 'node:inspector'
import { Worker } from 'node:worker_threads'
import type { Clock, Timer } from '../kernel/index.ts'
import { slots, type WatchdogStart } from './watchdog-protocol.ts'

export interface WatchdogOptions {
  readonly clock: Clock
  /** How long the event loop may give no sign, 100 ms to 1 h. */
  readonly stuckMs: number
}

/** Kills this process (SIGKILL) when its event loop gives no sign for `stuckMs`: an endless loop would
 *  hold everything that runs beside it, for ever. Its messages are then taken by others, and whoever
 *  supervises it starts it again. It does not count while the process is stopped (SIGSTOP, a machine
 *  that sleeps) or a debugger is open. Cost: one thread that sleeps, about 10 MB.
 *  @returns ends it; idempotent */
export function startWatchdog({ clock, stuckMs }: WatchdogOptions): () => void {
  const memory = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT * Object.keys(slots).length)
  const cells = new Int32Array(memory)
  const tickMs = Math.min(1_000, stuckMs / 10)
  const start: WatchdogStart = { memory, tickMs, turnsMax: Math.ceil(stuckMs / tickMs) }
  const thread = startThread(start)
  let timer: Timer
  const sign = (): void => {
    Atomics.add(cells, slots.sign, 1)
    Atomics.store(cells, slots.isDebugged, debuggerUrl() === undefined ? 0 : 1)
    timer = clock.after(tickMs / 2, sign, { background: true })
  }
  sign()
  return () => {
    timer.stop()
    Atomics.store(cells, slots.isStopped, 1)
    Atomics.notify(cells, slots.isStopped)
    void thread.terminate()
  }
}

/** A compiled program still names the `.ts` file in its URL: no compiler rewrites those. */
function startThread(start: WatchdogStart): Worker {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const program = new URL(`./watchdog-worker.${extension}`, import.meta.url)
  const thread = new Worker(program, {
    name: 'watchdog',
    workerData: start,
    // what is loaded into every thread of the application is not for this one
    execArgv: [],
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 16 },
  })
  thread.unref()
  // without it the process goes on as it would have
  thread.on('error', () => {})
  return thread
}

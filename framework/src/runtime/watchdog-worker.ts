import { writeSync } from 'node:fs'
import { workerData } from 'node:worker_threads'
import { createSystemClock } from '../kernel/index.ts'
import { runtimeLoopStuck } from './errors.ts'
import { slots, type WatchdogStart } from './watchdog-protocol.ts'

/** The program of the watchdog's thread: counts its own turns since the last sign of the main thread. It
 *  counts turns and not time: while the whole process is stopped, or the machine sleeps, it makes none. */
function watch({ memory, tickMs, turnsMax }: WatchdogStart): void {
  const cells = new Int32Array(memory)
  let sign = Atomics.load(cells, slots.sign)
  let turns = 0
  while (Atomics.wait(cells, slots.isStopped, 0, tickMs) === 'timed-out') {
    const last = Atomics.load(cells, slots.sign)
    const isExcused = last !== sign || Atomics.load(cells, slots.isDebugged) === 1
    turns = isExcused ? 0 : turns + 1
    sign = last
    if (turns > turnsMax) endProcess(turns * tickMs)
  }
}

/** The main thread cannot log any more. */
function endProcess(silentMs: number): void {
  const { code, message: msg, fix } = runtimeLoopStuck({ silentMs })
  const line = { level: 60, time: createSystemClock().nowMs(), code, msg, fix }
  writeSync(2, `${JSON.stringify(line)}\n`)
  process.kill(process.pid, 'SIGKILL')
}

watch(workerData as WatchdogStart)

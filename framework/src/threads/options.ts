import type { Clock } from '../kernel/index.ts'
import type { Telemetry } from '../telemetry/index.ts'
import { threadsOptionsInvalid } from './errors.ts'

export interface ThreadPoolOptions {
  /** What metrics and errors call it. */
  readonly name: string
  /** The module that each thread loads: `new URL('./invoice-worker.ts', import.meta.url)`. It exports `run`,
   *  a `ThreadTask`. Where a `.ts` file was compiled away, the `.js` file of its name is taken. */
  readonly module: URL
  /** 1..64 threads at most; they are started when there is work for them. */
  readonly threads: number
  /** 0..100,000 tasks that may wait for a thread; more are refused. */
  readonly queueMax: number
  /** 1..3,600,000 ms that a task may run. Its wait before is not counted, and a thread's start is not. */
  readonly timeoutMs: number
  /** 16..16,384 MiB of JavaScript heap per thread. Native memory is not counted. */
  readonly memoryMbMax: number
  /** ms after which a thread without work ends; 30,000 unless given. */
  readonly idleMs?: number
  /** The machine's clock unless given. */
  readonly clock?: Clock
  /** Where it reports how many threads are busy and how many tasks wait. */
  readonly telemetry?: Pick<Telemetry, 'metrics'>
}

const ranges = {
  threads: [1, 64],
  queueMax: [0, 100_000],
  timeoutMs: [1, 3_600_000],
  memoryMbMax: [16, 16_384],
  idleMs: [1, 86_400_000],
} as const

/** @throws THREADS_OPTIONS_INVALID naming the first option that is out of its range. */
export function assertOptions(options: ThreadPoolOptions): void {
  for (const [name, [min, max]] of Object.entries(ranges)) {
    assertRange(options.name, name, options[name as keyof typeof ranges], [min, max])
  }
}

/** @throws THREADS_OPTIONS_INVALID for another timeout than a whole number in the pool's range. */
export function assertTimeout(pool: string, timeoutMs: number | undefined): void {
  assertRange(pool, 'timeoutMs', timeoutMs, ranges.timeoutMs)
}

function assertRange(
  pool: string,
  name: string,
  value: number | undefined,
  [min, max]: readonly [number, number],
): void {
  if (value === undefined || (Number.isInteger(value) && value >= min && value <= max)) return
  const problem = `${name} is ${value}, not a whole number from ${min} to ${max}`
  throw threadsOptionsInvalid({ pool, problem })
}

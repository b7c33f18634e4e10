import type { z } from 'zod'
import { compileSchema } from '../schema/index.ts'
import { moduleJobInvalid } from './errors.ts'

/** How a job is run; all have defaults. Durations are texts such as `'30s'` or milliseconds. */
export interface JobOptions<Input extends z.ZodType> {
  readonly input: Input
  /** Longest run, 1 ms to 24 h; 30 s unless given. Its signal fires then. */
  readonly timeout?: string | number
  /** Runs that may end in an error before the job is parked, 1 to 1,000; 12 unless given. */
  readonly attemptsMax?: number
  /** The pause before the next attempt is drawn between 0 and a bound that begins at `firstMs` and
   *  doubles up to `maxMs`; 1 s and 1 h unless given. */
  readonly retry?: { readonly firstMs?: number; readonly maxMs?: number }
  /** −100 to 100, higher first; 0 unless given. */
  readonly priority?: number
  /** Jobs with one key run one after the other, in the order of their enqueueing. */
  readonly key?: (input: z.output<Input>) => string
  /** While a job under the same text waits for its first run, another one is not added. At most 500
   *  characters, as the key. */
  readonly unique?: (input: z.output<Input>) => string
  /** Runs at once in the whole fleet, 1 to 10,000; no limit unless given. An operator may change it. */
  readonly concurrencyMax?: number
  /** Starts in the whole fleet: `count` in `perMs` in the long run, and at most `count` at once, 1 to
   *  1,000,000 in 1 ms to 24 h. An operator may change it. */
  readonly rate?: { readonly count: number; readonly perMs: number }
  /** Version of its steps, ≥ 1; a saga that began under an older one goes on under it. 1 unless given. */
  readonly version?: number
}

/** Work that is done later, by the module that declares it. */
export interface Job<Input extends z.ZodType = z.ZodType> extends JobOptions<Input> {
  /** Lower camel case, unique in the module. */
  readonly name: string
}

const dayMs = 86_400_000

/** Declares a job. Pure; `perform` says what it does, `tx.enqueue` and `ctx.enqueue` ask for it.
 *  @throws MODULE_JOB_INVALID */
export function job<Input extends z.ZodType>(name: string, options: JobOptions<Input>): Job<Input> {
  if (!/^[a-z][A-Za-z0-9]{0,62}$/.test(name)) {
    throw moduleJobInvalid({ job: name, reason: 'its name is not lower camel case' })
  }
  if (compileSchema(options.input).isOneWay) {
    const reason = 'its input has a transform that goes one way; use z.codec'
    throw moduleJobInvalid({ job: name, reason })
  }
  assertPolicy(name, options)
  assertRange(name, ['priority', options.priority, -100, 100])
  assertRange(name, ['rate.count', options.rate?.count, 1, 1_000_000])
  assertRange(name, ['rate.perMs', options.rate?.perMs, 1, dayMs])
  assertRange(name, ['version', options.version, 1, 1_000_000])
  return { name, ...options }
}

/** How work is run, of jobs and of subscriptions. @throws MODULE_JOB_INVALID */
export function assertPolicy(
  name: string,
  {
    attemptsMax,
    concurrencyMax,
    retry,
  }: Pick<JobOptions<z.ZodType>, 'attemptsMax' | 'concurrencyMax' | 'retry'>,
): void {
  assertRange(name, ['attemptsMax', attemptsMax, 1, 1_000])
  assertRange(name, ['concurrencyMax', concurrencyMax, 1, 10_000])
  assertRange(name, ['retry.firstMs', retry?.firstMs, 1, dayMs])
  assertRange(name, ['retry.maxMs', retry?.maxMs, 1, 30 * dayMs])
}

/** A field, its value, and between what it may be. */
export type DeclaredRange = readonly [string, number | undefined, number, number]

/** @throws MODULE_JOB_INVALID */
export function assertRange(job: string, range: DeclaredRange): void {
  const [field, value, min, max] = range
  if (value === undefined || (Number.isInteger(value) && value >= min && value <= max)) return
  throw moduleJobInvalid({
    job,
    reason: `${field} is ${value}, not a whole number from ${min} to ${max}`,
  })
}

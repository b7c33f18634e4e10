import type { z } from 'zod'
import { parseDurationMs } from '../kernel/index.ts'
import { CronTiming, type Tick } from './cron-timing.ts'
import { moduleCronInvalid } from './errors.ts'
import type { Job } from './job.ts'
import type { JobHandler } from './message-handlers.ts'

/** What becomes of ticks that passed while no instance ran, or none reached the database: `skip` drops those
 *  that are older than the grace, `once` fires the last of them, `all` fires each, oldest first. */
export type MissedPolicy = 'skip' | 'once' | 'all'

/** What a cron schedule does at a tick, and where its calendar is. */
export interface CronOptions<Input extends z.ZodType> {
  /** The job that a tick adds; the module performs it. */
  readonly enqueue: Job<Input>
  /** The job's input, made of nothing but the tick. */
  readonly input: (tick: Tick) => z.input<Input>
  /** A name of the IANA database, `Europe/Berlin`; `UTC` unless given. */
  readonly timeZone?: string
  /** `once` unless given. */
  readonly missed?: MissedPolicy
  /** With `missed: 'all'`: at most so many, the latest, 1 to 1,000; 100 unless given. */
  readonly missedMax?: number
  /** With `missed: 'skip'`: how late a tick may still fire, 30 s to 1 h; `'1m'` unless given. */
  readonly grace?: string | number
}

/** A declared cron schedule; `module()` checks it. */
export interface CronDeclaration extends Omit<CronOptions<z.ZodType>, 'input' | 'enqueue'> {
  readonly expression: string
  readonly enqueue: Job
  readonly input: (tick: Tick) => unknown
}

/** A checked cron schedule of a module. */
export interface Cron {
  /** `nightly`: its key in the module. */
  readonly name: string
  readonly expression: string
  readonly timeZone: string
  readonly timing: CronTiming
  readonly missed: MissedPolicy
  readonly missedMax: number
  readonly graceMs: number
  readonly job: Job
  input(tick: Tick): unknown
}

/** Declares work by the calendar: each tick adds one job, exactly once in the whole fleet, whoever is up.
 *  @param expression  five fields: minute, hour, day of the month, month, day of the week; with `*`, lists, ranges,
 *    steps, names, `L`, `W`, `#`; or `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`. When both days are
 *    said, either will do, as in cron.
 *  Daylight saving: where hour and minute are said, a time that does not exist on a day fires at the end of
 *    the gap, and one that comes twice fires once; with `*` or a step in them elapsed time counts.
 *  For what happens more often than each minute, or in each instance, see `schedules`. */
export function cron<Input extends z.ZodType>(
  expression: string,
  options: CronOptions<Input>,
): CronDeclaration {
  return { expression, ...options, enqueue: options.enqueue as Job }
}

const defaults = { timeZone: 'UTC', missed: 'once', missedMax: 100, grace: 60_000 } as const
const graceRangeMs = [30_000, 3_600_000] as const
const missedMaxMax = 1_000
const namePattern = /^[a-z][A-Za-z0-9]{0,62}$/
const expressionPattern = /^(?:@(?:hourly|daily|weekly|monthly|yearly)|\S+(?: \S+){4})$/
/** Any moment will do: an expression that never fires after it never fires. */
const someTimeMs = Date.UTC(2026, 0, 1)

/** The crons of one module, checked. @throws MODULE_CRON_INVALID */
export function checkCrons(
  module: string,
  declared: Readonly<Record<string, CronDeclaration>>,
  jobs: readonly JobHandler<unknown>[],
): readonly Cron[] {
  return Object.entries(declared).map(([name, declaration]) => {
    const refuse = (reason: string): Error =>
      moduleCronInvalid({ cron: `${module}.crons.${name}`, reason })
    if (!namePattern.test(name)) throw refuse('its name is not lower camel case')
    if (!jobs.some(({ job }) => job === declaration.enqueue)) {
      throw refuse(`the module does not perform the job "${declaration.enqueue.name}"`)
    }
    return { name, ...checkPolicy(declaration, refuse), ...checkTiming(declaration, refuse) }
  })
}

function checkPolicy(
  declaration: CronDeclaration,
  refuse: (reason: string) => Error,
): Pick<Cron, 'missed' | 'missedMax' | 'graceMs' | 'job' | 'input'> {
  const { missed = defaults.missed, missedMax, grace, enqueue: job, input } = declaration
  if (missedMax !== undefined && missed !== 'all') throw refuse("missedMax is for missed: 'all'")
  if (grace !== undefined && missed !== 'skip') throw refuse("grace is for missed: 'skip'")
  const count = missedMax ?? defaults.missedMax
  if (!Number.isInteger(count) || count < 1 || count > missedMaxMax) {
    throw refuse(`missedMax is ${count}, not a whole number from 1 to ${missedMaxMax}`)
  }
  const graceMs = parseDurationMs(grace ?? defaults.grace)
  if (graceMs < graceRangeMs[0] || graceMs > graceRangeMs[1]) {
    throw refuse(`grace is ${grace}, not 30 s to 1 h`)
  }
  return { missed, missedMax: count, graceMs, job, input }
}

function checkTiming(
  { expression, timeZone = defaults.timeZone }: CronDeclaration,
  refuse: (reason: string) => Error,
): Pick<Cron, 'expression' | 'timeZone' | 'timing'> {
  const place = `"${expression}"`
  if (!expressionPattern.test(expression)) {
    throw refuse(`${place} is not five fields with one space between, nor @hourly … @yearly`)
  }
  assertTimeZone(timeZone, refuse)
  const timing = attempt(
    () => new CronTiming(expression, timeZone),
    (problem) => refuse(`${place}: ${problem}`),
  )
  if (timing.next(someTimeMs) === undefined) throw refuse(`${place} never fires`)
  return { expression, timeZone, timing }
}

function assertTimeZone(timeZone: string, refuse: (reason: string) => Error): void {
  attempt(
    () => new Intl.DateTimeFormat('en-GB', { timeZone }),
    () => refuse(`"${timeZone}" is not a time zone that is known here`),
  )
}

function attempt<Result>(run: () => Result, refuse: (problem: string) => Error): Result {
  try {
    return run()
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : String(error))
  }
}

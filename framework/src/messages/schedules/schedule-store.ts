import type { ModuleDatabase, Statement, StatementRunner } from '../../data/index.ts'
import type { World } from '../../kernel/index.ts'
import type { PlatformContexts } from '../platform-context.ts'
import * as sql from './schedule-sql.ts'

/** A cron schedule as its rows know it. */
export interface ScheduleKey {
  /** `nightly` */
  readonly schedule: string
  /** Expression and time zone: `0 3 * * * Europe/Berlin` */
  readonly timing: string
}

/** How far schedules are decided. */
export interface Look {
  /** The database's time, in milliseconds since the epoch. */
  readonly nowMs: number
  /** By schedule; undefined for one that was never seen. */
  readonly decidedUntilMs: ReadonlyMap<string, number | undefined>
}

/** The ticks of a span and what they cause. */
export interface Firing {
  readonly key: ScheduleKey
  readonly fromMs: number
  readonly untilMs: number
  readonly ticks: readonly number[]
  /** The statements that add what these ticks cause. */
  statementsOf(ticks: readonly number[]): readonly Statement[]
}

/** What is swept from the record of ticks. */
export interface Retention {
  readonly nowMs: number
  readonly ageMsMax: number
  readonly countMax: number
}

const timeoutMs = 10_000
const sweepMax = 1_000

/** The cron schedules of one module in its database. Each method is one transaction as the module's
 *  writer. @throws DATA_UNAVAILABLE · DATA_OUTCOME_UNKNOWN · DATA_…, within 10 s (repeating is safe) */
export class ScheduleStore {
  readonly #database: ModuleDatabase
  readonly #contexts: PlatformContexts
  readonly #world: World

  constructor(database: ModuleDatabase, contexts: PlatformContexts, world: World) {
    this.#database = database
    this.#contexts = contexts
    this.#world = world
  }

  async look(keys: readonly ScheduleKey[]): Promise<Look> {
    const { rows } = await this.#run((runner) => runner.run(sql.lookText, columnsOf(keys)))
    const decided = rows.map((row) => {
      const until = row['decided_until']
      return [String(row['schedule']), until === null ? undefined : msOf(until)] as const
    })
    return { nowMs: msOf(rows[0]?.['now']), decidedUntilMs: new Map(decided) }
  }

  /** Says which schedules the module has now. Those that are new begin at `nowMs`: nothing fires for the
   *  past. Those that come back after others had taken their place begin anew, `overlapMs` before, for
   *  what the others may have left. */
  async adopt(
    keys: readonly ScheduleKey[],
    { nowMs, overlapMs }: { readonly nowMs: number; readonly overlapMs: number },
  ): Promise<void> {
    const now = textOf(nowMs)
    await this.#run(async (runner) => {
      await runner.run(sql.supersedeText, [...columnsOf(keys), now])
      await runner.run(sql.adoptText, [...columnsOf(keys), now, textOf(nowMs - overlapMs)])
    })
  }

  /** Decides the ticks of a span and fires them, in one transaction; the number fired, 0 when another
   *  process has decided the span. Exactly once: by the row of the schedule, which is decided from where
   *  it was read, and by the row of each tick. */
  fire(firing: Firing): Promise<number> {
    const { key, fromMs, untilMs, ticks } = firing
    const span = [textOf(fromMs), textOf(untilMs), ticks.map(textOf)]
    return this.#run(async (runner) => {
      const { rows } = await runner.run(sql.decideText, [key.schedule, key.timing, ...span])
      await this.#world.faults.reach('messages.cron.decided')
      const ours = new Set(rows.map(({ tick }) => msOf(tick)))
      const statements = firing.statementsOf(ticks.filter((ms) => ours.has(ms)))
      for (const { text, values } of statements) await runner.run(text, values)
      return ours.size
    })
  }

  /** Writes what belongs to no tick. */
  async add(statements: readonly Statement[]): Promise<void> {
    await this.#run(async (runner) => {
      for (const { text, values } of statements) await runner.run(text, values)
    })
  }

  /** The number of ticks deleted, at most 2,000 for each schedule. */
  async sweep({ nowMs, ageMsMax, countMax }: Retention): Promise<number> {
    const before = textOf(nowMs - ageMsMax)
    const values = [before, countMax, before, sweepMax]
    return (await this.#run((runner) => runner.run(sql.sweepText, values))).rowCount ?? 0
  }

  #run<Result>(work: (runner: StatementRunner) => Promise<Result>): Promise<Result> {
    return this.#database.withRunner(this.#contexts.create(timeoutMs), work)
  }
}

function columnsOf(keys: readonly ScheduleKey[]): readonly string[][] {
  return [keys.map(({ schedule }) => schedule), keys.map(({ timing }) => timing)]
}

function textOf(ms: number): string {
  return new Date(ms).toISOString()
}

function msOf(value: unknown): number {
  if (value instanceof Date) return value.getTime()
  throw new TypeError(`not a moment: ${String(value)}`)
}

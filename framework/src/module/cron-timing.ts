import { Cron as Pattern } from 'croner'

/** A tick of a cron schedule: the moment at which it fires, and how people there write it. */
export interface Tick {
  /** The moment, on a whole minute. */
  readonly at: Date
  /** Its day in the schedule's time zone: `2026-11-22` */
  readonly day: string
  /** Its time in the schedule's time zone: `03:00` */
  readonly time: string
}

/** When a cron schedule fires. Pure: it asks no clock, and the time zone is its own. Cost: 0.1 ms a tick.
 *
 *  Daylight saving, as in Vixie cron: where hour and minute are said (`30 2 * * *`, `0,30 2-3 * * *`), a time
 *  that does not exist on a day is made up for at the end of the gap, and one that comes twice
 *  fires at its first coming. With `*` or a step in them (`0 * * * *`), the schedule follows elapsed time: what
 *  does not exist is left out, what comes twice fires twice. */
export class CronTiming {
  readonly #pattern: Pattern
  readonly #calendar: Intl.DateTimeFormat

  /** Throws what croner or Intl say against the expression or the time zone. */
  constructor(expression: string, timeZone: string) {
    this.#calendar = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      ...{ year: 'numeric', month: '2-digit', day: '2-digit' },
      ...{ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
    })
    this.#pattern = new Pattern(expression, {
      timezone: timeZone,
      mode: '5-part',
      fixedTimeRule: 'no-wildcard',
    })
  }

  /** The first tick after a moment, in milliseconds since the epoch; undefined when none is left. */
  next(afterMs: number): number | undefined {
    return this.#pattern.nextRun(new Date(afterMs))?.getTime()
  }

  /** The last ticks up to and with a moment, oldest first, at most `countMax`. */
  last(untilMs: number, countMax: number): readonly number[] {
    const runs = this.#pattern.previousRuns(countMax, new Date(untilMs + 1))
    return runs.map((run) => run.getTime()).reverse()
  }

  tickAt(ms: number): Tick {
    const at = new Date(ms)
    const parts = new Map(this.#calendar.formatToParts(at).map(({ type, value }) => [type, value]))
    const text = (...types: readonly Intl.DateTimeFormatPartTypes[]): string[] =>
      types.map((type) => parts.get(type) ?? '')
    return {
      at,
      day: text('year', 'month', 'day').join('-'),
      time: text('hour', 'minute').join(':'),
    }
  }
}

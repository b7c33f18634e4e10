import type { Cron } from '../../module/index.ts'

/** What a policy says of the ticks of a span. */
export interface Decision {
  /** Those that fire, oldest first, in milliseconds since the epoch. */
  readonly fired: readonly number[]
  /** Whether earlier ones of the span are passed over. */
  readonly isPartial: boolean
}

/** Most ticks that `skip` may fire: those of the longest grace, an hour of minutes with both its ends. */
const skipMax = 61

/** What becomes of the ticks after `fromMs` up to `untilMs`, by the cron's policy; undefined when there is
 *  none. Cost: 0.1 ms for each tick that fires. */
export function decideTicks(cron: Cron, fromMs: number, untilMs: number): Decision | undefined {
  const { timing, missed, missedMax, graceMs } = cron
  const first = timing.next(fromMs)
  if (first === undefined || first > untilMs) return undefined
  const afterMs = missed === 'skip' ? Math.max(fromMs, untilMs - graceMs - 1) : fromMs
  const countMax = { skip: skipMax, once: 1, all: missedMax }[missed]
  const fired = lastTicks(cron, { afterMs, untilMs, countMax })
  return { fired, isPartial: fired[0] !== first }
}

/** The last ticks of a span, looked for from its begin as long as they are few: an absence of years
 *  costs no more than one of minutes. */
function lastTicks(
  { timing }: Cron,
  span: { readonly afterMs: number; readonly untilMs: number; readonly countMax: number },
): readonly number[] {
  const { afterMs, untilMs, countMax } = span
  const found: number[] = []
  for (let ms = timing.next(afterMs); ms !== undefined && ms <= untilMs; ms = timing.next(ms)) {
    if (found.length === countMax) return timing.last(untilMs, countMax)
    found.push(ms)
  }
  return found
}

import type { Cron } from '../../module/index.ts'

/** What a policy says of the ticks of a span. */
export interface Decision {
  /** Those that fire, oldest first, in milliseconds since the epoch. */
  readonly fired: readonly number[]
  /** Whether others of the span are passed over. */
  readonly isPartial: boolean
}

/** What becomes of the ticks after `fromMs` up to `untilMs`, by the cron's policy; undefined when there is
 *  none. Cost: 0.1 ms for each tick that fires. */
export function decideTicks(cron: Cron, fromMs: number, untilMs: number): Decision | undefined {
  const first = cron.timing.next(fromMs)
  if (first === undefined || first > untilMs) return undefined
  const { fired } = lastTicks(cron, floorOf(cron, fromMs, untilMs), untilMs)
  return { fired, isPartial: fired[0] !== first }
}

const skippedMax = 61

function floorOf({ missed, graceMs }: Cron, fromMs: number, untilMs: number): number {
  return missed === 'skip' ? Math.max(fromMs, untilMs - graceMs - 1) : fromMs
}

/** The last ticks of a span, as many as the policy allows; looked for from its begin as long as they are few. */
function lastTicks(cron: Cron, afterMs: number, untilMs: number): { fired: readonly number[] } {
  const { timing } = cron
  const countMax = countMaxOf(cron)
  const fired: number[] = []
  for (let ms = timing.next(afterMs); ms !== undefined && ms <= untilMs; ms = timing.next(ms)) {
    if (fired.length === countMax) return { fired: timing.last(untilMs, countMax) }
    fired.push(ms)
  }
  return { fired }
}

function countMaxOf({ missed, missedMax }: Cron): number {
  if (missed === 'once') return 1
  return missed === 'all' ? missedMax : skippedMax
}

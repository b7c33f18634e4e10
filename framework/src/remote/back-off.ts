import type { Random } from '../kernel/index.ts'

/** Waits that double from one try to the next. */
export interface BackOffLimits {
  /** The first wait at most. */
  readonly baseMs: number
  /** Any wait at most. */
  readonly maxMs: number
}

/** How long to wait after the `tries`-th try (≥ 1) that failed: anywhere in the upper half of the
 *  doubled base, so that those who failed together do not come back together. */
export function backOffMs(limits: BackOffLimits, tries: number, random: Random): number {
  return ceilingMs(limits, tries) * (0.5 + random.fraction() / 2)
}

/** As `backOffMs`, but anywhere from zero on: for single calls, whose own callers wait meanwhile. */
export function fullJitterMs(limits: BackOffLimits, tries: number, random: Random): number {
  return ceilingMs(limits, tries) * random.fraction()
}

function ceilingMs({ baseMs, maxMs }: BackOffLimits, tries: number): number {
  return Math.min(maxMs, baseMs * 2 ** Math.min(tries - 1, 30))
}

/** The few statistics the benches use. Rounds are few, so medians with their extremes are printed,
 *  never a mean and never a standard deviation. */

export type Summary = {
  readonly median: number
  readonly min: number
  readonly max: number
  readonly count: number
}

/** The value below which `fraction` (0..1) of the samples lie, by linear interpolation between the
 *  two nearest ranks. @throws RangeError for no samples or a fraction outside 0..1. */
export function quantile(samples: readonly number[], fraction: number): number {
  if (samples.length === 0) throw new RangeError('quantile of no samples')
  if (!(fraction >= 0 && fraction <= 1)) throw new RangeError(`fraction ${fraction} is not in 0..1`)
  const sorted = Float64Array.from(samples).sort()
  const rank = fraction * (sorted.length - 1)
  const below = sorted[Math.floor(rank)] ?? Number.NaN
  const above = sorted[Math.ceil(rank)] ?? Number.NaN
  return below + (above - below) * (rank - Math.floor(rank))
}

/** The middle sample, or the mean of the two middle ones. */
export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5)
}

/** Median and extremes. @throws RangeError for no samples. */
export function summarize(samples: readonly number[]): Summary {
  return {
    median: median(samples),
    min: Math.min(...samples),
    max: Math.max(...samples),
    count: samples.length,
  }
}

/** Counts durations in buckets of a microsecond: a fixed 4 MB and a few nanoseconds per call, however
 *  many calls there are. */
export class Latencies {
  readonly #buckets = new Uint32Array(usMax + 1)
  #count = 0

  get count(): number {
    return this.#count
  }

  /** Durations above a second count as one. */
  record(ms: number): void {
    const us = Math.min(usMax, Math.max(0, Math.floor(ms * 1_000)))
    this.#buckets[us] = (this.#buckets[us] ?? 0) + 1
    this.#count += 1
  }

  /** The duration in µs below which `fraction` (0..1) of all lie, spread evenly within its bucket.
   *  @throws RangeError when nothing was recorded. */
  quantileUs(fraction: number): number {
    if (this.#count === 0) throw new RangeError('quantile of no durations')
    const rank = fraction * this.#count
    let below = 0
    for (const [us, count] of this.#buckets.entries()) {
      if (count > 0 && below + count >= rank) return us + (rank - below) / count
      below += count
    }
    return usMax
  }
}

const usMax = 1_000_000

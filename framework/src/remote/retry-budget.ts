import type { Clock } from '../kernel/index.ts'

export interface RetryBudgetOptions {
  readonly clock: Clock
  /** Retries per call, 0..1. */
  readonly share: number
  /** Retries per second that are allowed at any load. */
  readonly minPerS: number
}

/** Credit not used is forgotten with this time constant: it stands for about the last ten seconds. */
const memoryMs = 10_000

/** Roll after so many calls, that a quiet time does not dilute a busy one. A power of two. */
const rollEvery = 256

/** How many calls to one module may be made again. Credit comes in with every call and every second,
 *  and fades, so that a long good time does not pay for a long storm.
 *  Invariant: in any time, retries ≤ share × calls + minPerS × (seconds + 10).
 *  Cost: an addition per call; the arithmetic runs per retry.
 *  Source: Finagle's RetryBudget (20 % + 10/s, ten seconds); Google SRE ch. 22 (10 % per client). */
export class RetryBudget {
  readonly #options: RetryBudgetOptions
  #credit: number
  #calls = 0
  #rolledMs: number

  constructor(options: RetryBudgetOptions) {
    this.#options = options
    this.#credit = (options.minPerS * memoryMs) / 1_000
    this.#rolledMs = options.clock.monotonicMs()
  }

  /** Notes a call that is made for the first time. */
  deposit(): void {
    if ((++this.#calls & (rollEvery - 1)) === 0) this.#roll()
  }

  /** Takes the credit for one retry; false when there is none. */
  tryWithdraw(): boolean {
    this.#roll()
    if (this.#credit < 1) return false
    this.#credit -= 1
    return true
  }

  /** The calls since the last time are taken as spread evenly over it. */
  #roll(): void {
    const { clock, share, minPerS } = this.#options
    const nowMs = clock.monotonicMs()
    const passedMs = nowMs - this.#rolledMs
    const earned = share * this.#calls + (minPerS * passedMs) / 1_000
    const kept = Math.exp(-passedMs / memoryMs)
    const fadedShare = passedMs > 0 ? (memoryMs / passedMs) * (1 - kept) : 1
    this.#credit = this.#credit * kept + earned * fadedShare
    this.#calls = 0
    this.#rolledMs = nowMs
  }
}

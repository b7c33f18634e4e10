import type { Clock, Random } from '../kernel/index.ts'

/** When a process that ended is started again. */
export interface RestartLimits {
  /** First pause; each further one is twice as long. */
  readonly pauseMsMin: number
  readonly pauseMsMax: number
  /** After this long a process counts as healthy: the next pause is the first again. */
  readonly healthyMs: number
  /** A process that lived shorter than this ended quickly. */
  readonly quickMs: number
}

export const restartLimits: RestartLimits = {
  pauseMsMin: 100,
  pauseMsMax: 10_000,
  healthyMs: 60_000,
  quickMs: 5_000,
}

/** Share of a pause that is left to chance, so that processes that fell together do not rise
 *  together. */
const jitterShare = 0.2

/** Counts the ends of one process and says how long to wait before it is started again: 100 ms,
 *  doubling to 10 s, ±20 %; the first pause again after 60 s of health. Pure but for its clock. */
export class RestartPolicy {
  readonly #clock: Clock
  readonly #random: Random
  readonly #limits: RestartLimits
  #startedMs: number
  #failures = 0
  #quickEnds = 0

  constructor(clock: Clock, random: Random, limits: RestartLimits = restartLimits) {
    this.#clock = clock
    this.#random = random
    this.#limits = limits
    this.#startedMs = clock.monotonicMs()
  }

  /** Ends in a row that came within 5 s of their start. */
  get quickEnds(): number {
    return this.#quickEnds
  }

  /** The process was started. */
  started(): void {
    this.#startedMs = this.#clock.monotonicMs()
  }

  /** The process ended by itself. @returns how long to wait before the next start. */
  ended(): number {
    const { pauseMsMin, pauseMsMax, healthyMs, quickMs } = this.#limits
    const livedMs = this.#clock.monotonicMs() - this.#startedMs
    this.#quickEnds = livedMs < quickMs ? this.#quickEnds + 1 : 0
    this.#failures = livedMs >= healthyMs ? 0 : this.#failures
    const pauseMs = Math.min(pauseMsMax, pauseMsMin * 2 ** Math.min(this.#failures, 30))
    this.#failures++
    return pauseMs * (1 - jitterShare + 2 * jitterShare * this.#random.fraction())
  }
}

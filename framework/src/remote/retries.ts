import type { Clock, Random } from '../kernel/index.ts'
import type { Counter } from '../telemetry/index.ts'
import { fullJitterMs } from './back-off.ts'
import type { Journey } from './journey.ts'
import { RetryBudget } from './retry-budget.ts'
import type { RouterMetrics } from './router-metrics.ts'
import type { RetryLimits } from './router-options.ts'

export interface RetriesOptions {
  readonly module: string
  readonly clock: Clock
  readonly random: Random
  readonly limits: RetryLimits
  readonly metrics: RouterMetrics
}

/** Decides whether a call to one module is sent once more, and when. */
export class Retries {
  readonly #options: RetriesOptions
  readonly #budget: RetryBudget
  readonly #allowed: Counter
  readonly #refused: Counter

  constructor(options: RetriesOptions) {
    const { clock, limits, metrics, module } = options
    this.#options = options
    this.#budget = new RetryBudget({
      ...{ clock, share: limits.budgetShare, minPerS: limits.budgetMinPerS },
    })
    this.#allowed = metrics.retries(module)
    this.#refused = metrics.refusedRetries(module)
  }

  /** Notes a call that is made for the first time. */
  deposit(): void {
    this.#budget.deposit()
  }

  /** Takes the credit for one more attempt.
   *  @param isAtOnce  Whether no pause is needed: nothing was sent, and somebody else takes it.
   *  @returns the pause before it in ms, or undefined when there is to be none: attempts used up,
   *    repeating not legal, too little time left, or the budget empty. */
  tryAllow(journey: Journey, isAtOnce: boolean): number | undefined {
    const { limits, random } = this.#options
    if (journey.attempts >= limits.attemptsMax || !journey.isRepeatable) return undefined
    const pauseMs = isAtOnce ? 0 : fullJitterMs(limits, Math.max(1, journey.attempts), random)
    if (journey.call.remainingMs <= pauseMs) return undefined
    if (!this.#budget.tryWithdraw()) {
      this.#refused.add()
      return undefined
    }
    this.#allowed.add()
    return pauseMs
  }
}

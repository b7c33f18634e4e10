import type { Clock } from '../kernel/index.ts'

const everyMs = 1_000
/** Soonest look for what others have put off. */
const againMs = 100
const healEveryMs = 30_000

/** When a worker looks after its house (what is due, what died, what operators said), and how long it may
 *  rest until something is due. By the process's clock: it only decides when the database is asked. */
export class HouseTimes {
  readonly #clock: Clock
  #lookedMs = Number.NEGATIVE_INFINITY
  #healedMs = Number.NEGATIVE_INFINITY
  /** When what waits for its time, or for a rate, may be ready. */
  #dueMs = Number.POSITIVE_INFINITY
  #rateMs = Number.POSITIVE_INFINITY
  #isDueUnknown = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get isLookDue(): boolean {
    return this.#clock.monotonicMs() >= Math.min(this.#lookedMs + everyMs, this.#nextMs())
  }

  get isHealDue(): boolean {
    return this.#clock.monotonicMs() >= this.#healedMs + healEveryMs
  }

  /** A look begins: it finds out when the next is due. */
  begin(): void {
    this.#isDueUnknown = false
    this.#dueMs = Number.POSITIVE_INFINITY
  }

  /** A look has ended. */
  looked(heals: boolean): void {
    this.#lookedMs = this.#clock.monotonicMs()
    if (heals) this.#healedMs = this.#lookedMs
  }

  /** Looks again at the next turn. */
  lookAgain(): void {
    this.#lookedMs = Number.NEGATIVE_INFINITY
  }

  /** Something is due after `delayMs`. */
  dueAfter(delayMs: number): void {
    this.#dueMs = Math.min(this.#dueMs, this.#clock.monotonicMs() + delayMs)
  }

  /** Others may have put something off that is due before the next look. */
  dueUnknown(): void {
    this.#isDueUnknown = true
  }

  /** The rates of queues let more begin after `delaysMs`. */
  ratesAfter(delaysMs: readonly number[]): void {
    this.#rateMs = this.#clock.monotonicMs() + Math.min(...delaysMs)
  }

  /** How long may be rested, at most `pollMs`. */
  restMs(pollMs: number): number {
    const nextMs = Math.min(this.#nextMs(), this.#rateMs)
    return Math.min(pollMs, Math.max(1, nextMs - this.#clock.monotonicMs()))
  }

  #nextMs(): number {
    return this.#isDueUnknown ? Math.min(this.#dueMs, this.#lookedMs + againMs) : this.#dueMs
  }
}

import type { Clock } from '../kernel/index.ts'

/** How much work a process holds, by the rate at which it ends. */
const heldMs = 100
/** Each lease is one statement of at most this many rows. */
const leaseMax = 1_000
const heldMax = 2 * leaseMax
const windowMs = 50

/** How many messages a worker holds at once: about 100 ms of work, so that it rarely waits for the database,
 *  and what is slow stays for other processes. */
export class LeaseSize {
  readonly #clock: Clock
  readonly #least: number
  #sinceMs: number
  #ended = 0
  #perMs = 0

  /** @param least  what is held of slow work too */
  constructor(clock: Clock, least: number) {
    this.#clock = clock
    this.#least = least
    this.#sinceMs = clock.monotonicMs()
  }

  /** So many more have ended. */
  ended(count: number): void {
    this.#ended += count
    const ms = this.#clock.monotonicMs() - this.#sinceMs
    if (ms < windowMs) return
    this.#perMs = this.#ended / ms
    this.#sinceMs += ms
    this.#ended = 0
  }

  /** How many may be held now. */
  get held(): number {
    const ms = this.#clock.monotonicMs() - this.#sinceMs
    const perMs = ms < windowMs ? this.#perMs : Math.min(this.#perMs, this.#ended / ms)
    return Math.max(this.#least, Math.min(heldMax, Math.round(perMs * heldMs)))
  }

  /** How many to lease by somebody who holds `count`; 0 when it is too early for a statement. */
  room(count: number): number {
    const { held } = this
    const room = held - count
    return room < held / 4 ? 0 : Math.min(room, Math.max(leaseMax, this.#least))
  }
}

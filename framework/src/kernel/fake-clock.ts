import type { Clock, Timer } from './clock.ts'

/** A clock that a test moves by hand: timers fire in order while `advance` passes them. */
export class FakeClock implements Clock {
  #elapsedMs = 0
  #sequence = 0
  readonly #startMs: number
  readonly #timers = new Map<number, { readonly dueMs: number; readonly run: () => void }>()

  constructor(startMs: number = 1_700_000_000_000) {
    this.#startMs = startMs
  }

  nowMs(): number {
    return this.#startMs + this.#elapsedMs
  }

  monotonicMs(): number {
    return this.#elapsedMs
  }

  after(delayMs: number, run: () => void): Timer {
    const id = this.#sequence++
    this.#timers.set(id, { dueMs: this.#elapsedMs + delayMs, run })
    return { stop: () => void this.#timers.delete(id) }
  }

  /** Moves time forward; every timer that falls due runs at its own moment, and the microtasks it
   *  caused run before the next one. */
  async advance(deltaMs: number): Promise<void> {
    const endMs = this.#elapsedMs + deltaMs
    for (let next = this.#nextDue(endMs); next !== undefined; next = this.#nextDue(endMs)) {
      this.#timers.delete(next.id)
      this.#elapsedMs = Math.max(this.#elapsedMs, next.dueMs)
      next.run()
      await new Promise<void>((resolve) => void setImmediate(resolve))
    }
    this.#elapsedMs = endMs
  }

  #nextDue(endMs: number): { id: number; dueMs: number; run: () => void } | undefined {
    let found: { id: number; dueMs: number; run: () => void } | undefined
    for (const [id, timer] of this.#timers) {
      if (timer.dueMs <= endMs && (found === undefined || timer.dueMs < found.dueMs)) {
        found = { id, ...timer }
      }
    }
    return found
  }
}

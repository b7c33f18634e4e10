import type { Clock, Timer } from '../../kernel/index.ts'

export interface LivenessOptions {
  readonly clock: Clock
  readonly idlePingMs: number
  readonly deadAfterMs: number
  /** The peer was silent: ask it for a sign of life. */
  ask(): void
  /** The peer was silent for too long. */
  dead(silentMs: number): void
}

/** Watches whether a peer is heard of. It counts its own beats instead of comparing times, so that a
 *  process that was stopped for a while does not take its peers for dead when it goes on.
 *  Cost: hearing of a peer is one field write; a timer every `idlePingMs`. */
export class Liveness {
  readonly #options: LivenessOptions
  #isHeard = true
  #silentMs = 0
  #timer: Timer | undefined

  constructor(options: LivenessOptions) {
    this.#options = options
    this.#schedule()
  }

  heard(): void {
    this.#isHeard = true
  }

  stop(): void {
    this.#timer?.stop()
    this.#timer = undefined
  }

  #schedule(): void {
    const { clock, idlePingMs } = this.#options
    this.#timer = clock.after(idlePingMs, () => this.#beat(), { background: true })
  }

  #beat(): void {
    const { idlePingMs, deadAfterMs } = this.#options
    this.#silentMs = this.#isHeard ? 0 : this.#silentMs + idlePingMs
    this.#isHeard = false
    if (this.#silentMs >= deadAfterMs) return this.#options.dead(this.#silentMs)
    if (this.#silentMs > 0) this.#options.ask()
    this.#schedule()
  }
}

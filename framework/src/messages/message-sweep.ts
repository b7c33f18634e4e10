import type { Clock } from '../kernel/index.ts'
import { Doorbell } from './doorbell.ts'
import type { MessageStore } from './message-store.ts'

export interface MessageSweepOptions {
  readonly store: MessageStore
  readonly clock: Clock
  readonly keptMs: number
  failed(error: unknown): void
}

const everyMs = 600_000
const rowsMax = 1_000
/** Batches of one round: what is left waits for the next. */
const batchesMax = 1_000

/** Forgets what was heard, and what ended, long ago: in small batches, at most every 10 minutes. Any
 *  number of processes at once; they take different rows. */
export class MessageSweep {
  readonly #options: MessageSweepOptions
  readonly #bell: Doorbell
  #isStopped = false

  constructor(options: MessageSweepOptions) {
    this.#options = options
    this.#bell = new Doorbell(options.clock)
  }

  /** Call it once. */
  start(): void {
    void this.#work()
  }

  /** Ends after the batch under way. */
  stop(): void {
    this.#isStopped = true
    this.#bell.ring()
  }

  async #work(): Promise<void> {
    while (!this.#isStopped) {
      await this.#round().catch((error: unknown) => this.#options.failed(error))
      if (!this.#isStopped) await this.#bell.wait(everyMs)
    }
  }

  async #round(): Promise<void> {
    const { store, keptMs } = this.#options
    for (let batch = 0; batch < batchesMax && !this.#isStopped; batch++) {
      if ((await store.sweep(keptMs, rowsMax)) < rowsMax) return
    }
  }
}

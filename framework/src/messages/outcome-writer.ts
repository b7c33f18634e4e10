import { asBanyanError, type Clock, type ErrorKind, sleep } from '../kernel/index.ts'
import type {
  Outcome,
  OutcomeDone,
  OutcomeEnded,
  OutcomeRetry,
  OutcomeWaiting,
} from './leased-message.ts'
import type { MessageStore } from './message-store.ts'

const pauseMs = 250
const batchMax = 1_000
/** Errors that the same statement meets again. */
const refusals: ReadonlySet<ErrorKind> = new Set(['bug', 'invalid'])

/** Writes how runs ended, many in one transaction: while one is on its way, the next gather. What cannot
 *  be written while the database is away is tried again until it can; a lease that ran out meanwhile
 *  makes it void. What the database refuses is given up alone: its lease runs out, as if its process
 *  had died. */
export class OutcomeWriter {
  readonly #store: MessageStore
  readonly #clock: Clock
  readonly #written: (outcomes: readonly Outcome[]) => void
  readonly #failed: (error: unknown) => void
  #pending: Outcome[] = []
  #writing: Promise<void> | undefined
  #isClosed = false

  constructor(options: {
    readonly store: MessageStore
    readonly clock: Clock
    written(outcomes: readonly Outcome[]): void
    failed(error: unknown): void
  }) {
    this.#store = options.store
    this.#clock = options.clock
    this.#written = options.written
    this.#failed = options.failed
  }

  add(outcomes: readonly Outcome[]): void {
    this.#pending.push(...outcomes)
    this.#writing ??= this.#write()
  }

  /** Resolves when all that was added is written. */
  async settled(): Promise<void> {
    await this.#writing
  }

  /** Gives up what could not be written: the leases run out, and others begin again. */
  close(): void {
    this.#isClosed = true
  }

  async #write(): Promise<void> {
    // what ends in this tick is written together
    await Promise.resolve()
    while (this.#pending.length > 0) {
      const batch = this.#pending.splice(0, batchMax)
      await this.#writeBatch(batch)
      this.#written(batch)
    }
    this.#writing = undefined
  }

  async #writeBatch(batch: readonly Outcome[]): Promise<void> {
    const done = batch.filter((outcome): outcome is OutcomeDone => outcome.kind === 'done')
    const later = batch.filter((outcome): outcome is OutcomeRetry | OutcomeWaiting => {
      return outcome.kind === 'retry' || outcome.kind === 'waiting'
    })
    const ended = batch.filter((outcome): outcome is OutcomeEnded => {
      return outcome.kind === 'parked' || outcome.kind === 'cancelled'
    })
    await Promise.all([
      this.#writeAll(done, (some) => this.#store.done(some)),
      this.#writeAll(later, (some) => this.#store.later(some)),
      this.#writeAll(ended, (some) => this.#store.end(some)),
    ])
  }

  async #writeAll<Some extends Outcome>(
    outcomes: readonly Some[],
    write: (some: readonly Some[]) => Promise<void>,
  ): Promise<void> {
    if (outcomes.length === 0) return
    if ((await this.#tryUntilDecided(() => write(outcomes))) || outcomes.length === 1) return
    for (const outcome of outcomes) await this.#tryUntilDecided(() => write([outcome]))
  }

  /** @returns false when the database refused it */
  async #tryUntilDecided(write: () => Promise<void>): Promise<boolean> {
    for (;;) {
      try {
        await write()
        return true
      } catch (error) {
        this.#failed(error)
        if (this.#isClosed) return false
        if (refusals.has(asBanyanError(error).kind)) return false
        await sleep(this.#clock, pauseMs)
      }
    }
  }
}

import type { ModuleDatabase } from '../data/index.ts'
import { insertJobs } from './message-writer.ts'
import type { NewMessage } from './new-message.ts'
import type { PlatformContexts } from './platform-context.ts'

interface Waiting {
  readonly message: NewMessage
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

const batchMax = 1_000
const waitingMax = 100_000
const flightsMax = 2
const timeoutMs = 10_000

/** Writes the jobs of callers that come at the same time in one statement: while two are on their way,
 *  the next gather. */
export class EnqueueBatch {
  readonly #database: ModuleDatabase
  readonly #contexts: PlatformContexts
  readonly #written: (jobs: readonly NewMessage[]) => void
  readonly #full: () => Error
  #waiting: Waiting[] = []
  #flights = 0

  constructor(options: {
    readonly database: ModuleDatabase
    readonly contexts: PlatformContexts
    written(jobs: readonly NewMessage[]): void
    /** What a caller is told when 100,000 wait already. */
    full(): Error
  }) {
    this.#database = options.database
    this.#contexts = options.contexts
    this.#written = options.written
    this.#full = options.full
  }

  /** Resolves when the job is committed. @throws MESSAGES_QUEUE_FULL · DATA_… */
  add(message: NewMessage): Promise<void> {
    if (this.#waiting.length >= waitingMax) return Promise.reject(this.#full())
    return new Promise((resolve, reject) => {
      this.#waiting.push({ message, resolve, reject })
      if (this.#waiting.length === 1) queueMicrotask(() => this.#fly())
    })
  }

  #fly(): void {
    while (this.#flights < flightsMax && this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, batchMax)
      this.#flights++
      void this.#write(batch).then(() => {
        this.#flights--
        this.#fly()
      })
    }
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    const jobs = batch.map(({ message }) => message)
    try {
      await this.#database.runAll(this.#contexts.create(timeoutMs), [insertJobs(jobs)])
      for (const { resolve } of batch) resolve()
      this.#written(jobs)
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }
}

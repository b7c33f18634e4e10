import type { Event, NamedEvent } from '../contract/index.ts'
import type { Statement, StatementRunner, TransactionCompanion } from '../data/index.ts'
import type { Trace } from '../kernel/index.ts'
import type { EnqueueOptions, Job, Outbox } from '../module/index.ts'
import type { MessageWriter } from './message-writer.ts'
import type { NewMessage } from './new-message.ts'

/** What one attempt of a transaction says to others: kept in memory, written in front of COMMIT. */
export class TransactionOutbox implements TransactionCompanion {
  readonly handle: Outbox
  readonly #events: NewMessage[] = []
  readonly #jobs: NewMessage[] = []
  readonly #writer: MessageWriter
  readonly #trace: Trace
  readonly #fence: ((runner: StatementRunner) => Promise<void>) | undefined

  constructor(
    writer: MessageWriter,
    trace: Trace,
    fence?: (runner: StatementRunner) => Promise<void>,
  ) {
    this.#writer = writer
    this.#trace = trace
    this.#fence = fence
    this.handle = {
      publish: (event, payload) => {
        this.#events.push(writer.eventOf(event as NamedEvent<Event>, payload, trace))
      },
      enqueue: (job, input, options) => this.#enqueue(job as Job, input, options),
    }
  }

  async opened(runner: StatementRunner): Promise<void> {
    await this.#fence?.(runner)
  }

  closing(): readonly Statement[] {
    return this.#writer.statementsOf(this.#events, this.#jobs)
  }

  committed(): void {
    this.#writer.wake({ events: this.#events.length, jobs: this.#jobs.length })
  }

  #enqueue(job: Job, input: unknown, options: EnqueueOptions = {}): string {
    const message = this.#writer.jobOf(job, input, options, this.#trace)
    this.#jobs.push(message)
    return message.id
  }
}

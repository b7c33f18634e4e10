import type { Event, NamedEvent } from '../contract/index.ts'
import type { Statement, StatementRunner, TransactionCompanion } from '../data/index.ts'
import type { Trace } from '../kernel/index.ts'
import type { EnqueueOptions, Job, Outbox } from '../module/index.ts'
import { messagesTransactionFull } from './errors.ts'
import type { LeaseFence } from './lease-fence.ts'
import { type MessageWriter, writtenOf } from './message-writer.ts'
import type { NewMessage } from './new-message.ts'

/** What one transaction may say. */
const messagesMax = 10_000

/** What one attempt of a transaction says to others: kept in memory, written in front of COMMIT. */
export class TransactionOutbox implements TransactionCompanion {
  readonly handle: Outbox
  readonly #events: NewMessage[] = []
  readonly #jobs: NewMessage[] = []
  readonly #writer: MessageWriter
  readonly #trace: Trace
  readonly #fence: LeaseFence | undefined

  /** @param fence  of a transaction of work on a message */
  constructor(writer: MessageWriter, trace: Trace, fence?: LeaseFence) {
    this.#writer = writer
    this.#trace = trace
    this.#fence = fence
    this.handle = {
      publish: (event, payload) => {
        this.#assertRoom()
        this.#events.push(writer.eventOf(event as NamedEvent<Event>, payload, trace))
      },
      enqueue: (job, input, options) => this.#enqueue(job as Job, input, options),
    }
  }

  async opened(runner: StatementRunner): Promise<void> {
    await this.#fence?.opened(runner)
  }

  closing(): readonly Statement[] {
    const said = this.#writer.statementsOf(this.#events, this.#jobs)
    return this.#fence === undefined ? said : [...said, ...this.#fence.closing()]
  }

  committed(): void {
    this.#writer.wake(writtenOf(this.#events.length, this.#jobs))
  }

  #enqueue(job: Job, input: unknown, options: EnqueueOptions = {}): string {
    this.#assertRoom()
    const message = this.#writer.jobOf(job, input, options, this.#trace)
    this.#jobs.push(message)
    return message.id
  }

  #assertRoom(): void {
    if (this.#events.length + this.#jobs.length < messagesMax) return
    throw messagesTransactionFull({ limit: messagesMax })
  }
}

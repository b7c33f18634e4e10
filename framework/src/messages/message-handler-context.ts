import { HandlerContext } from '../call/index.ts'
import type { StatementRunner } from '../data/index.ts'
import type { CurrentMessage } from '../module/index.ts'
import { messagesLeaseLost } from './errors.ts'
import type { LeasedMessage } from './leased-message.ts'
import type { Queue } from './queue.ts'
import { fenceText } from './store-sql.ts'

/** The context of work on a message. Its transactions are fenced: each begins with a look whether the
 *  message is still held, and keeps it held until it ends. */
export class MessageHandlerContext extends HandlerContext {
  readonly message: CurrentMessage
  readonly #queue: Queue
  readonly #leased: LeasedMessage
  readonly #isFenced: boolean
  /** What was said last of its progress, until it is written with the next extension of the lease. */
  said: { readonly fraction: number; readonly note: string | undefined } | undefined

  constructor(
    given: ConstructorParameters<typeof HandlerContext>,
    place: { readonly queue: Queue; readonly leased: LeasedMessage; readonly isFenced: boolean },
  ) {
    super(...given)
    const { queue, leased, isFenced } = place
    this.#queue = queue
    this.#leased = leased
    this.#isFenced = isFenced
    this.message = {
      id: leased.id,
      name: queue.topic,
      version: leased.version,
      key: leased.key,
      attempt: leased.attempts + 1,
      createdAtMs: leased.createdAtMs,
    }
  }

  progress(fraction: number, note?: string): void {
    this.said = { fraction: Math.min(1, Math.max(0, fraction)), note: note?.slice(0, 500) }
  }

  /** @throws MESSAGES_LEASE_LOST */
  readonly fence = async (runner: StatementRunner): Promise<void> => {
    if (!this.#isFenced) return
    const { position, epoch, id } = this.#leased
    const { rows } = await runner.run(fenceText, [position, epoch])
    if (rows.length === 0) throw messagesLeaseLost({ queue: this.#queue.id, id })
  }
}

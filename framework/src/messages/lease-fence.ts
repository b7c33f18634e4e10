import type { Statement, StatementRunner } from '../data/index.ts'
import type { Clock } from '../kernel/index.ts'
import { messagesLeaseLost } from './errors.ts'
import type { LeasedMessage } from './leased-message.ts'
import { extendOneText, fenceText } from './store-sql.ts'

/** Ties one transaction of a run to the lease of its message: it begins only while the message is still
 *  held, and nobody can take the message before it ends. */
export class LeaseFence {
  readonly #leased: LeasedMessage
  readonly #parts: { readonly queue: string; readonly clock: Clock; readonly leaseMs: number }
  #openedMs = 0

  constructor(
    leased: LeasedMessage,
    parts: { readonly queue: string; readonly clock: Clock; readonly leaseMs: number },
  ) {
    this.#leased = leased
    this.#parts = parts
  }

  /** @throws MESSAGES_LEASE_LOST */
  async opened(runner: StatementRunner): Promise<void> {
    const { queue, clock } = this.#parts
    const { position, epoch, id } = this.#leased
    this.#openedMs = clock.monotonicMs()
    const { rows } = await runner.run(fenceText, [position, epoch])
    if (rows.length === 0) throw messagesLeaseLost({ queue, id })
  }

  /** While the transaction held the message its lease could not be extended, and may have run out: one
   *  that took long extends it itself, so that nobody finds it in the moment after. */
  closing(): readonly Statement[] {
    const { clock, leaseMs } = this.#parts
    const { position, epoch } = this.#leased
    if (clock.monotonicMs() - this.#openedMs < leaseMs / 3) return []
    return [{ text: extendOneText, values: [position, epoch, leaseMs] }]
  }
}

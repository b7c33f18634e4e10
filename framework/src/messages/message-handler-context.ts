import { HandlerContext } from '../call/index.ts'
import type { CurrentMessage } from '../module/index.ts'
import { LeaseFence } from './lease-fence.ts'
import type { LeasedMessage } from './leased-message.ts'
import type { Queue } from './queue.ts'

/** Which message a context belongs to. */
export interface MessagePlace {
  readonly queue: Queue
  readonly leased: LeasedMessage
  readonly leaseMs: number
  /** False only in negative controls, and for batches. */
  readonly isFenced: boolean
}

/** The context of work on a message. Its transactions are fenced: each begins with a look whether the
 *  message is still held, and keeps it held until it ends. */
export class MessageHandlerContext extends HandlerContext {
  readonly message: CurrentMessage
  readonly #place: MessagePlace
  /** What was said last of its progress, until it is written with the next extension of the lease. */
  said: { readonly fraction: number; readonly note: string | undefined } | undefined

  constructor(given: ConstructorParameters<typeof HandlerContext>, place: MessagePlace) {
    super(...given)
    const { queue, leased } = place
    this.#place = place
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
    const bounded = Math.min(1, Math.max(0, Number.isNaN(fraction) ? 0 : fraction))
    this.said = { fraction: bounded, note: note?.slice(0, 500).replaceAll('\0', '') }
  }

  /** What ties one of its transactions to the lease. */
  fence(): LeaseFence | undefined {
    const { queue, leased, leaseMs, isFenced } = this.#place
    if (!isFenced) return undefined
    return new LeaseFence(leased, { queue: queue.id, clock: this.world.clock, leaseMs })
  }
}

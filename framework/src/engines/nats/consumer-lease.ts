import { JetStreamApiCodes } from '@nats-io/jetstream'
import type { Clock } from '../../kernel/index.ts'
import type { NatsLink } from './link.ts'
import type { Names } from './names.ts'
import { isApiError } from './streams.ts'

const free = ''
const writeMs = 2_000

/** Says which of several processes consumes for a module. It is the last message of a subject, replaced
 *  only by who has read it (compare and set in the server). A holder that is silent for `leaseMs`, by the
 *  clock of who watches it, is succeeded; no two clocks are compared.
 *
 *  It is for progress, not for order: two processes that pull from the same durable consumers would each
 *  hold parts of a row and wait for the rest. That order is kept all the same, also when a holder that
 *  was stopped wakes up late, is TopicReader's. */
export class ConsumerLease {
  readonly #link: NatsLink
  readonly #clock: Clock
  readonly #stream: string
  readonly #subject: string
  readonly #owner: string
  readonly #leaseMs: number
  #sequence = 0
  #seenSinceMs = 0
  #heldUntilMs = 0

  constructor(
    link: NatsLink,
    options: {
      readonly clock: Clock
      readonly names: Names
      readonly consumer: string
      readonly owner: string
      readonly leaseMs: number
    },
  ) {
    this.#link = link
    this.#clock = options.clock
    this.#stream = options.names.leases
    this.#subject = options.names.leaseOf(options.consumer)
    this.#owner = options.owner
    this.#leaseMs = options.leaseMs
  }

  get isHeld(): boolean {
    return this.#clock.monotonicMs() < this.#heldUntilMs
  }

  /** Whether it is held now. Takes it when it is free, or when its holder has been silent for too long.
   *  Rejects when the server does not answer. */
  async tryAcquire(): Promise<boolean> {
    const query = { last_by_subj: this.#subject }
    const asked = this.#link.manager.streams.getMessage(this.#stream, query)
    const last = await this.#link.whileUp(asked)
    const sequence = last?.seq ?? 0
    if (sequence !== this.#sequence) {
      this.#sequence = sequence
      this.#seenSinceMs = this.#clock.monotonicMs()
    }
    const holder = last?.string() ?? free
    const isSilent = this.#clock.monotonicMs() - this.#seenSinceMs >= this.#leaseMs
    if (holder !== free && holder !== this.#owner && !isSilent) return false
    return this.#write(this.#owner)
  }

  /** Holds it for another `leaseMs`; false when somebody else has it. Rejects when the server does not
   *  answer: it may be tried again while `isHeld`. */
  renew(): Promise<boolean> {
    return this.#write(this.#owner)
  }

  /** Lets others have it at once. */
  async release(): Promise<void> {
    const isHeld = this.isHeld
    this.#heldUntilMs = 0
    if (isHeld) await this.#write(free)
  }

  async #write(holder: string): Promise<boolean> {
    // from before the request: its answer may be slow
    const heldUntilMs = this.#clock.monotonicMs() + this.#leaseMs
    try {
      const written = this.#link.jetstream.publish(this.#subject, holder, {
        expect: { streamName: this.#stream, lastSubjectSequence: this.#sequence },
        timeout: writeMs,
      })
      const { seq } = await this.#link.whileUp(written)
      this.#sequence = seq
      this.#seenSinceMs = this.#clock.monotonicMs()
      this.#heldUntilMs = holder === free ? 0 : heldUntilMs
      return holder !== free
    } catch (error) {
      if (!isApiError(error, JetStreamApiCodes.StreamWrongLastSequence)) throw error
      this.#heldUntilMs = 0
      return false
    }
  }
}

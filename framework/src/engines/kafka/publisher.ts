import { type Kafka, Partitioners, type Producer } from 'kafkajs'
import type { Clock } from '../../kernel/index.ts'
import type { CarriedMessage } from '../../messages/index.ts'
import { writeRecord } from './carried-form.ts'
import { unavailable, within } from './failure.ts'
import type { Names } from './names.ts'
import { planChunks } from './publish-chunks.ts'

const publishMs = 9_000
const acknowledgeMs = 8_000
const closeMs = 2_000
const allInSync = -1

/** Sends batches; after an error it sends through a new producer, so that what the old one may still
 *  repeat does not follow what comes later. */
export class Publisher {
  readonly #kafka: Kafka
  readonly #clock: Clock
  readonly #names: Names
  readonly #isIdempotent: boolean
  #producer: Promise<Producer> | undefined
  #isClosed = false

  constructor(
    kafka: Kafka,
    options: { readonly clock: Clock; readonly names: Names; readonly isIdempotent: boolean },
  ) {
    this.#kafka = kafka
    this.#clock = options.clock
    this.#names = options.names
    this.#isIdempotent = options.isIdempotent
  }

  /** @throws MESSAGES_TRANSPORT_UNAVAILABLE, within 10 s */
  async publish(batch: readonly CarriedMessage[]): Promise<void> {
    if (this.#isClosed) throw unavailable(new Error('the transport was closed'))
    const producer = (this.#producer ??= this.#connect())
    const giveUp = new AbortController()
    try {
      const sending = this.#send(producer, batch, giveUp.signal)
      await within(this.#clock, sending, { limitMs: publishMs, doing: 'publishing' })
    } catch (error) {
      giveUp.abort()
      this.#discard(producer)
      throw unavailable(error)
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    if (this.#producer === undefined) return
    const closing = this.#producer.then((producer) => producer.disconnect())
    await within(this.#clock, closing, { limitMs: closeMs, doing: 'closing' }).catch(() => {})
  }

  async #connect(): Promise<Producer> {
    const producer = this.#kafka.producer({
      createPartitioner: Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: false,
      idempotent: this.#isIdempotent,
      maxInFlightRequests: 1,
      retry: { retries: 3, initialRetryTime: 100, maxRetryTime: 1_000 },
    })
    await producer.connect()
    return producer
  }

  async #send(
    connecting: Promise<Producer>,
    batch: readonly CarriedMessage[],
    signal: AbortSignal,
  ): Promise<void> {
    const producer = await connecting
    for (const chunk of planChunks(batch)) {
      signal.throwIfAborted()
      const byTopic = Map.groupBy(chunk, ({ name }) => this.#names.topicOf(name))
      await producer.sendBatch({
        acks: allInSync,
        timeout: acknowledgeMs,
        topicMessages: [...byTopic].map(([topic, messages]) => ({
          topic,
          messages: messages.map(writeRecord),
        })),
      })
    }
  }

  #discard(producer: Promise<Producer>): void {
    if (this.#producer === producer) this.#producer = undefined
    const closing = producer.then((one) => one.disconnect())
    within(this.#clock, closing, { limitMs: closeMs, doing: 'closing' }).catch(() => {})
  }
}

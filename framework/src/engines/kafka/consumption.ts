import type { Consumer, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs'
import { type Clock, sleep } from '../../kernel/index.ts'
import type { CarriedMessage, Consumption, Deliver } from '../../messages/index.ts'
import { tryReadRecord } from './carried-form.ts'
import { within } from './failure.ts'

const batchCountMax = 500
const batchBytesMax = 8 * 1024 * 1024
const stopMs = 10_000
const closeMs = 2_000
const startMs = 30_000
const pauseMsMax = 5_000

export interface ConsumptionOptions {
  readonly clock: Clock
  readonly group: string
  /** Names in Kafka. */
  readonly topics: readonly string[]
  readonly leaseMs: number
  readonly deliver: Deliver
}

/** Consumes for one module as a member of its group. Kafka gives each partition, and so each key, to one
 *  member; where it was is committed after the inbox has committed. Members that die leave a consumer
 *  behind that ends; a new one is made, for ever. */
export class KafkaConsumption implements Consumption {
  readonly #kafka: Kafka
  readonly #options: ConsumptionOptions
  readonly #stopping = new AbortController()
  readonly #abandoned = Promise.withResolvers<void>()
  readonly #running: Promise<void>
  /** The last batch that was begun; members of old sessions may still have one under way. */
  #turn: Promise<void> = Promise.resolve()

  constructor(kafka: Kafka, options: ConsumptionOptions) {
    this.#kafka = kafka
    this.#options = options
    this.#running = options.topics.length === 0 ? Promise.resolve() : this.#run()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await within(this.#options.clock, this.#running, { limitMs: stopMs, doing: 'stopping' }).catch(
      () => this.abandon(),
    )
  }

  /** Ends it now; the batch under way is not committed, and comes again elsewhere. */
  async abandon(): Promise<void> {
    this.#stopping.abort()
    this.#abandoned.resolve()
    await within(this.#options.clock, this.#running, { limitMs: closeMs, doing: 'stopping' }).catch(
      () => {},
    )
  }

  async #run(): Promise<void> {
    for (let pauseMs = 100; !this.#isStopping; pauseMs = Math.min(pauseMs * 2, pauseMsMax)) {
      const { clock } = this.#options
      const startedMs = clock.monotonicMs()
      await this.#session().catch(() => {})
      if (clock.monotonicMs() - startedMs > startMs) pauseMs = 100
      await this.#pause(pauseMs)
    }
  }

  /** One consumer, from its start until it crashes or is stopped. */
  async #session(): Promise<void> {
    const { clock, topics } = this.#options
    const consumer = createConsumer(this.#kafka, this.#options)
    const ended = Promise.withResolvers<void>()
    consumer.on(consumer.events.CRASH, () => ended.resolve())
    const stop = (): void => ended.resolve()
    this.#stopping.signal.addEventListener('abort', stop, { once: true })
    try {
      if (this.#isStopping) return
      const starting = this.#start(consumer, topics)
      await Promise.race([
        within(clock, starting, { limitMs: startMs, doing: 'starting' }),
        ended.promise,
      ])
      await ended.promise
    } finally {
      this.#stopping.signal.removeEventListener('abort', stop)
      await this.#end(consumer)
    }
  }

  async #start(consumer: Consumer, topics: readonly string[]): Promise<void> {
    await consumer.connect()
    await consumer.subscribe({ topics: [...topics], fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 1,
      eachBatch: (payload) => this.#inTurn(() => this.#takeBatch(payload)),
    })
  }

  /** Leaves the group when the batch under way has ended, so that others go on at once. */
  async #end(consumer: Consumer): Promise<void> {
    const { clock } = this.#options
    await Promise.race([
      within(clock, consumer.disconnect(), { limitMs: stopMs, doing: 'leaving' }).catch(() => {}),
      this.#abandoned.promise.then(() => sleep(clock, closeMs / 2)),
    ])
  }

  #inTurn(take: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(take)
    this.#turn = turn.catch(() => {})
    return turn
  }

  async #takeBatch(payload: EachBatchPayload): Promise<void> {
    for (const slice of slicesOf(payload.batch.messages)) {
      if (this.#isStopping || !payload.isRunning() || payload.isStale()) return
      const last = slice.at(-1)
      if (last === undefined || !(await this.#deliver(slice, payload))) return
      payload.resolveOffset(last.offset)
      await payload.commitOffsetsIfNecessary(payload.uncommittedOffsets())
    }
  }

  /** Gives the same messages until they are taken; false when it is stopped before. Rejects when the
   *  group goes on without this member. */
  async #deliver(slice: readonly KafkaMessage[], payload: EachBatchPayload): Promise<boolean> {
    const batch = slice.flatMap((record) => tryReadRecord(record) ?? [])
    if (batch.length === 0) return true
    for (let pauseMs = 100; !this.#isStopping; pauseMs = Math.min(pauseMs * 2, pauseMsMax)) {
      if (await this.#tryDeliver(batch, payload)) return true
      await this.#pause(pauseMs)
      if (!this.#isStopping) await payload.heartbeat()
    }
    return false
  }

  /** Tells the group that this member lives for as long as the delivery takes. */
  async #tryDeliver(batch: readonly CarriedMessage[], payload: EachBatchPayload): Promise<boolean> {
    const delivered = this.#options.deliver(batch).then(
      () => true,
      () => false,
    )
    const abandoned = this.#abandoned.promise.then(() => false)
    for (;;) {
      const beat = new AbortController()
      const pause = sleep(this.#options.clock, this.#options.leaseMs / 10, beat.signal).then(
        () => undefined,
        () => undefined,
      )
      const result = await Promise.race([delivered, abandoned, pause])
      beat.abort()
      if (result !== undefined) return result
      // a rebalance is answered when the delivery has ended: another batch may not begin before
      await payload.heartbeat().catch(() => {})
    }
  }

  get #isStopping(): boolean {
    return this.#stopping.signal.aborted
  }

  async #pause(ms: number): Promise<void> {
    await sleep(this.#options.clock, ms, this.#stopping.signal).catch(() => {})
  }
}

function createConsumer(kafka: Kafka, { group, leaseMs }: ConsumptionOptions): Consumer {
  return kafka.consumer({
    groupId: group,
    sessionTimeout: leaseMs,
    rebalanceTimeout: 2 * leaseMs,
    heartbeatInterval: leaseMs / 10,
    maxWaitTimeInMs: 250,
    maxBytesPerPartition: 2 * 1024 * 1024,
    maxBytes: batchBytesMax,
    allowAutoTopicCreation: false,
    // a consumer that gave up is replaced here
    retry: { retries: 5, maxRetryTime: 5_000, restartOnFailure: async () => false },
  })
}

/** Slices of at most 500 messages, and of 8 MiB unless one message is larger. */
export function slicesOf(messages: readonly KafkaMessage[]): readonly KafkaMessage[][] {
  const slices: KafkaMessage[][] = []
  let slice: KafkaMessage[] = []
  let bytes = 0
  for (const message of messages) {
    const size = message.value?.length ?? 0
    if (slice.length >= batchCountMax || (slice.length > 0 && bytes + size > batchBytesMax)) {
      slices.push(slice)
      slice = []
      bytes = 0
    }
    slice.push(message)
    bytes += size
  }
  if (slice.length > 0) slices.push(slice)
  return slices
}

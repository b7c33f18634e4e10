import { type Clock, sleep } from '../../kernel/index.ts'
import type { CarriedMessage, Consumption, Deliver } from '../../messages/index.ts'
import { ConsumerLease } from './consumer-lease.ts'
import { within } from './deadline.ts'
import type { NatsLink } from './link.ts'
import type { Names } from './names.ts'
import { type HeldMessage, TopicReader } from './topic-reader.ts'

const batchCountMax = 500
const batchBytesMax = 8 * 1024 * 1024
const stopMs = 10_000
const releaseMs = 1_000
const tickMs = 250
const pauseMsMax = 5_000

export interface ConsumptionOptions {
  readonly clock: Clock
  readonly names: Names
  readonly consumer: string
  readonly topics: readonly string[]
  /** Unique for this consumption. */
  readonly owner: string
  readonly leaseMs: number
  readonly deliver: Deliver
}

type Taken = readonly { readonly reader: TopicReader; readonly held: readonly HeldMessage[] }[]

/** Consumes for one module while it holds the lease, and waits for the lease otherwise. */
export class NatsConsumption implements Consumption {
  readonly #link: NatsLink
  readonly #options: ConsumptionOptions
  readonly #lease: ConsumerLease
  readonly #stopping = new AbortController()
  readonly #running: Promise<void>
  readonly #abandoned = Promise.withResolvers<void>()
  #readers: readonly TopicReader[] = []
  #wake: () => void = () => {}

  constructor(link: NatsLink, options: ConsumptionOptions) {
    this.#link = link
    this.#options = options
    this.#lease = new ConsumerLease(link, options)
    this.#running = this.#run()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#wake()
    await within(this.#options.clock, this.#running, { limitMs: stopMs, doing: 'stopping' }).catch(
      () => this.abandon(),
    )
  }

  /** Ends it now; the batch under way is not acknowledged, and comes again elsewhere. */
  async abandon(): Promise<void> {
    this.#stopping.abort()
    this.#abandoned.resolve()
    this.#wake()
    await within(this.#options.clock, this.#running, {
      limitMs: 2 * releaseMs,
      doing: 'stopping',
    }).catch(() => {})
  }

  async #run(): Promise<void> {
    const { leaseMs } = this.#options
    while (!this.#isStopping) {
      const isHeld = await this.#lease.tryAcquire().catch(() => false)
      if (isHeld) await this.#consume()
      else await this.#pause(leaseMs / 5)
    }
  }

  /** Until the lease is lost, or it is stopped. */
  async #consume(): Promise<void> {
    const { clock, names, consumer, topics, leaseMs } = this.#options
    this.#readers = topics.map(
      (topic) =>
        new TopicReader(this.#link, {
          clock,
          stream: names.stream,
          durable: names.durableOf(consumer, topic),
          subject: names.subjectOf(topic),
          leaseMs,
          wake: () => this.#wake(),
        }),
    )
    const keeping = this.#keep()
    while (this.#isActive) await this.#deliverNext()
    for (const reader of this.#readers) reader.close()
    await keeping
    await within(clock, this.#lease.release(), { limitMs: releaseMs, doing: 'releasing' }).catch(
      () => {},
    )
  }

  /** Renews the lease at every third of it, and looks after the readers. */
  async #keep(): Promise<void> {
    const { clock, leaseMs } = this.#options
    let renewedMs = clock.monotonicMs()
    while (this.#isActive) {
      for (const reader of this.#readers) reader.tick()
      await this.#pause(Math.min(tickMs, leaseMs / 10))
      if (clock.monotonicMs() - renewedMs < leaseMs / 3 || !this.#lease.isHeld) continue
      const isRenewed = await this.#lease.renew().catch(() => false)
      if (isRenewed) renewedMs = clock.monotonicMs()
    }
    this.#wake()
  }

  async #deliverNext(): Promise<void> {
    const awake = Promise.withResolvers<void>()
    this.#wake = awake.resolve
    const taken = this.#take()
    if (taken.length === 0) return awake.promise
    const batch = taken.flatMap(({ held }) => held.flatMap(({ message }) => message ?? []))
    if (batch.length > 0 && !(await this.#deliver(batch))) return
    await Promise.allSettled(taken.map(({ reader, held }) => reader.acknowledge(held)))
  }

  #take(): Taken {
    // whoever was first this time is last the next time
    const [first, ...others] = this.#readers
    if (first !== undefined) this.#readers = [...others, first]
    let count = batchCountMax
    let bytes = batchBytesMax
    return this.#readers.flatMap((reader) => {
      if (count <= 0 || bytes <= 0) return []
      const held = reader.take(count, bytes)
      count -= held.length
      bytes -= held.reduce((sum, one) => sum + one.bytes, 0)
      return held.length === 0 ? [] : [{ reader, held }]
    })
  }

  /** Gives the same batch until it is taken; false when it is stopped or the lease is lost before. */
  async #deliver(batch: readonly CarriedMessage[]): Promise<boolean> {
    for (let pauseMs = 100; this.#isActive; pauseMs = Math.min(pauseMs * 2, pauseMsMax)) {
      if (await this.#tryDeliver(batch)) return true
      await this.#pause(pauseMs)
    }
    return false
  }

  async #tryDeliver(batch: readonly CarriedMessage[]): Promise<boolean> {
    return Promise.race([
      this.#options.deliver(batch).then(
        () => true,
        () => false,
      ),
      this.#abandoned.promise.then(() => false),
    ])
  }

  get #isStopping(): boolean {
    return this.#stopping.signal.aborted
  }

  get #isActive(): boolean {
    return !this.#isStopping && this.#lease.isHeld
  }

  async #pause(ms: number): Promise<void> {
    await sleep(this.#options.clock, ms, this.#stopping.signal).catch(() => {})
  }
}

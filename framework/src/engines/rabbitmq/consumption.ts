import type { AsyncMessage, Channel } from 'rabbitmq-client'
import { type Clock, sleep } from '../../kernel/index.ts'
import type { CarriedMessage, Consumption, Deliver } from '../../messages/index.ts'
import { tryParseMessage } from './carried-form.ts'
import { atMost } from './deadline.ts'
import { reasonOf } from './failure.ts'
import type { Link } from './link.ts'

const stopMs = 10_000
const closeMs = 2_000
/** How long a consumption without messages trusts that it is one. */
const idleMs = 5_000
const retry = { firstMs: 100, maxMs: 5_000 }

export interface ConsumptionOptions {
  readonly clock: Clock
  readonly link: Link
  readonly queue: string
  readonly batchMax: number
  readonly deliver: Deliver
  readonly report: (problem: string) => void
  /** Declares again what may have been deleted. */
  readonly declare: () => Promise<void>
}

/** Delivers the messages of one queue, batch after batch.
 *  Invariant: a message is acknowledged after its batch was taken, never given back by itself (a queue puts
 *  what is given back behind others): a batch that is rejected is held and given again, and what is not
 *  acknowledged returns in its order when the channel ends. */
export class RabbitmqConsumption implements Consumption {
  readonly #options: ConsumptionOptions
  readonly #ending = new AbortController()
  readonly #ended: Promise<void>
  #isAbandoned = false

  constructor(options: ConsumptionOptions) {
    this.#options = options
    this.#ended = this.#run()
  }

  async stop(): Promise<void> {
    this.#ending.abort()
    await atMost(this.#options.clock, stopMs, this.#ended)
  }

  /** Ends without waiting for the batch under way; it will come again. */
  abandon(): void {
    this.#isAbandoned = true
    this.#ending.abort()
  }

  get #isEnding(): boolean {
    return this.#ending.signal.aborted
  }

  async #run(): Promise<void> {
    for (let failures = 0; !this.#isEnding; ) {
      try {
        if (failures > 0) await this.#options.declare()
        await this.#subscribe(() => (failures = 0))
      } catch (error) {
        this.#options.report(`${this.#options.queue}: ${reasonOf(error)}`)
      }
      failures++
      await this.#pause(failures)
    }
  }

  /** Takes messages until the channel ends or the consumption does. */
  async #subscribe(onStarted: () => void): Promise<void> {
    const { clock, link, queue, batchMax } = this.#options
    const channel = await link.channel()
    const arrivals = new Arrivals(clock, channel, this.#ending.signal)
    try {
      await channel.basicQos({ prefetchCount: batchMax })
      await channel.basicConsume({ queue }, (message) => arrivals.push(message))
      onStarted()
      for (;;) {
        const next = await arrivals.next()
        if (next === 'over') return
        if (next === 'idle') {
          await this.#assertConsuming(channel)
          continue
        }
        // those that came in one piece are told of one by one; later ones gather during the delivery
        await new Promise((resolve) => void setImmediate(resolve))
        await this.#handle(channel, arrivals.take(batchMax))
      }
    } finally {
      await atMost(clock, closeMs, channel.close())
    }
  }

  /** A consumer that came while its queue was being deleted is never told that it has none. */
  async #assertConsuming(channel: Channel): Promise<void> {
    const { queue } = this.#options
    const { consumerCount } = await channel.queueDeclare({ queue, passive: true })
    if (consumerCount === 0) throw new Error('the queue is not the one that was consumed')
  }

  /** Delivers a batch until it is taken, and acknowledges it. */
  async #handle(channel: Channel, arrived: readonly AsyncMessage[]): Promise<void> {
    const batch = arrived.flatMap((message) => this.#parse(channel, message))
    if (batch.length === 0) return
    for (let attempt = 1; channel.active; attempt++) {
      const isTaken = await this.#isTaken(batch)
      if (this.#isAbandoned) return
      const deliveryTag = arrived.at(-1)?.deliveryTag ?? 0
      if (isTaken && channel.active) channel.basicAck({ deliveryTag, multiple: true })
      if (isTaken || this.#isEnding) return
      await this.#pause(attempt)
      if (this.#isEnding) return
    }
  }

  async #isTaken(batch: readonly CarriedMessage[]): Promise<boolean> {
    try {
      await this.#options.deliver(batch)
      return true
    } catch (error) {
      this.#options.report(`${this.#options.queue}: a batch was rejected: ${reasonOf(error)}`)
      return false
    }
  }

  /** A message that is none of Banyan's is dead-lettered, if the operator set that up. */
  #parse(channel: Channel, message: AsyncMessage): CarriedMessage[] {
    const parsed = tryParseMessage(message)
    if (parsed !== undefined) return [parsed]
    this.#options.report(`${this.#options.queue}: a foreign message was refused`)
    if (channel.active) channel.basicNack({ deliveryTag: message.deliveryTag, requeue: false })
    return []
  }

  /** Longer after each failure; ends when the consumption does. */
  async #pause(failures: number): Promise<void> {
    const delayMs = Math.min(retry.maxMs, retry.firstMs * 2 ** Math.min(failures - 1, 10))
    await sleep(this.#options.clock, delayMs, this.#ending.signal).catch(() => {})
  }
}

/** What has arrived and was not taken; bounded by the prefetch. */
class Arrivals {
  readonly #messages: AsyncMessage[] = []
  readonly #clock: Clock
  readonly #channel: Channel
  readonly #ending: AbortSignal
  #isCancelled = false
  #wake: () => void = () => {}

  constructor(clock: Clock, channel: Channel, ending: AbortSignal) {
    this.#clock = clock
    this.#channel = channel
    this.#ending = ending
    channel.once('close', () => this.#wake())
    channel.once('basic.cancel', () => {
      this.#isCancelled = true
      this.#wake()
    })
    ending.addEventListener('abort', () => this.#wake())
  }

  push(message: AsyncMessage): void {
    this.#messages.push(message)
    this.#wake()
  }

  take(countMax: number): AsyncMessage[] {
    return this.#messages.splice(0, countMax)
  }

  /** Waits for messages, for a while; `over` when there will be none. */
  async next(): Promise<'some' | 'idle' | 'over'> {
    if (!this.#hasNews()) await this.#wait()
    if (this.#isOver()) return 'over'
    return this.#messages.length > 0 ? 'some' : 'idle'
  }

  #hasNews(): boolean {
    return this.#isOver() || this.#messages.length > 0
  }

  #isOver(): boolean {
    return !this.#channel.active || this.#isCancelled || this.#ending.aborted
  }

  async #wait(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#wake = resolve
    const timer = this.#clock.after(idleMs, resolve, { background: true })
    await promise
    timer.stop()
  }
}

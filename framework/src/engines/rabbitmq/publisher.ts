import type { Channel } from 'rabbitmq-client'
import type { Clock } from '../../kernel/index.ts'
import type { CarriedMessage } from '../../messages/index.ts'
import { toEnvelope } from './carried-form.ts'
import { within } from './deadline.ts'
import type { Link } from './link.ts'

/** Batches at the same time each listen for what comes back. */
const listenersMax = 1_000

export interface PublisherOptions {
  readonly clock: Clock
  readonly link: Link
  readonly exchange: string
  readonly application: string
  /** Whether a consumer was declared for a topic. */
  readonly isHeard: (topic: string) => boolean
}

/** Publishes on one channel, so that order is kept, and waits until the broker has confirmed. */
export class Publisher {
  readonly #options: PublisherOptions
  #opening: Promise<Channel> | undefined

  constructor(options: PublisherOptions) {
    this.#options = options
  }

  /** Resolves when all are confirmed; a failure abandons the channel, since what is still on it may or may
   *  not arrive. */
  async publish(batch: readonly CarriedMessage[], timeoutMs: number): Promise<void> {
    const opening = (this.#opening ??= this.#open())
    try {
      const work = opening.then((channel) => this.#send(channel, batch))
      await within(this.#options.clock, timeoutMs, { what: 'the confirmation', work })
    } catch (error) {
      this.#abandon(opening)
      throw error
    }
  }

  /** Lets the connection end; what is not confirmed is rejected. */
  close(): void {
    if (this.#opening !== undefined) this.#abandon(this.#opening)
  }

  async #open(): Promise<Channel> {
    const channel = await this.#options.link.channel()
    channel.setMaxListeners(listenersMax)
    channel.once('close', () => (this.#opening = undefined))
    await channel.confirmSelect()
    return channel
  }

  async #send(channel: Channel, batch: readonly CarriedMessage[]): Promise<void> {
    const { exchange, application, isHeard } = this.#options
    const unroutable = new Set<string>()
    const onReturn = ({ routingKey = '' }: { routingKey?: string }): void => {
      if (isHeard(routingKey)) unroutable.add(routingKey)
    }
    channel.on('basic.return', onReturn)
    try {
      await Promise.all(
        batch.map((message) => {
          const { envelope, body } = toEnvelope(exchange, application, message)
          return channel.basicPublish(envelope, body)
        }),
      )
      // the client tells of a returned message one turn after it was confirmed
      await new Promise((resolve) => void setImmediate(resolve))
    } finally {
      channel.off('basic.return', onReturn)
    }
    if (unroutable.size > 0) {
      throw new Error(`the queues of ${[...unroutable].join(', ')} are gone`)
    }
  }

  #abandon(opening: Promise<Channel>): void {
    if (this.#opening === opening) this.#opening = undefined
    void opening.then((channel) => channel.close()).catch(() => {})
  }
}

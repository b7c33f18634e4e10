import type {
  CarriedMessage,
  Consumption,
  Deliver,
  Transport,
  TransportDeclaration,
} from '../../messages/index.ts'
import { RedisConsumption } from './consumption.ts'
import { within } from './deadline.ts'
import { declare } from './declare.ts'
import { assertDurable } from './durability.ts'
import { incapable, unavailable } from './failure.ts'
import { type Client, Link } from './link.ts'
import { namesOf } from './names.ts'
import { batchMaxDefault, leaseMsDefault, type RedisTransportOptions } from './options.ts'
import { addAll } from './publisher.ts'
import { Turn } from './turn.ts'

/** Below the port's 10 s. */
const openMs = 9_000
/** Redis answers in milliseconds, or waits for a disk that is in trouble. */
const publishMs = 5_000

/** A consumption with the connection that it has for itself, since it blocks it. */
interface Running {
  readonly consumption: RedisConsumption
  readonly link: Link
}

export class RedisTransport implements Transport {
  readonly engine = 'redis'
  readonly #options: RedisTransportOptions
  readonly #publishing: Link
  readonly #running = new Set<Running>()
  #declaration: TransportDeclaration | undefined
  #isClosed = false

  constructor(options: RedisTransportOptions) {
    this.#options = options
    this.#publishing = this.#link(async (client) => {
      await assertDurable(client, options)
      await this.#declare(client)
    })
  }

  #link(prepare: (client: Client) => Promise<void>): Link {
    const { url, clock, report = () => {} } = this.#options
    return new Link({ url, clock, report, prepare })
  }

  async open(declaration: TransportDeclaration): Promise<void> {
    const work = this.#publishing.client().then(async (client) => {
      await declare(client, declaration)
      this.#declaration = joined(this.#declaration, declaration)
    })
    try {
      await within(this.#options.clock, openMs, { what: 'opening', work })
    } catch (error) {
      throw unavailable(error)
    }
  }

  /** Again on every connection: what was there may be gone. */
  async #declare(client: Client): Promise<void> {
    if (this.#declaration !== undefined) await declare(client, this.#declaration)
  }

  async publish(batch: readonly CarriedMessage[]): Promise<void> {
    const { application, consumers } = this.#assertOpened()
    const isHeard = (topic: string): boolean =>
      consumers.some(({ topics }) => topics.includes(topic))
    const work = this.#publishing
      .client()
      .then((client) => addAll(client, batch, { names: namesOf(application), isHeard }))
    try {
      await within(this.#options.clock, publishMs, { what: 'publishing', work })
    } catch (error) {
      this.#publishing.drop()
      throw asUnavailable(error)
    }
  }

  async consume(consumer: string, deliver: Deliver): Promise<Consumption> {
    const declaration = this.#assertOpened()
    const wanted = declaration.consumers.filter(({ name }) => name === consumer)
    if (wanted.length === 0) {
      throw incapable(`"${consumer}" gets anything: it was not declared at open`)
    }
    const names = namesOf(declaration.application)
    const topics = new Set(wanted.flatMap((each) => each.topics))
    const { batchMax = batchMaxDefault, leaseMs = leaseMsDefault } = this.#options
    const turn = new Turn({
      group: consumer,
      leaseKey: names.leaseOf(consumer),
      leaseMs,
      streams: [...topics].map((topic) => names.streamOf(topic)),
      batchMax,
    })
    return this.#start({ consumer, turn, leaseMs, deliver })
  }

  #start(parts: {
    readonly consumer: string
    readonly turn: Turn
    readonly leaseMs: number
    readonly deliver: Deliver
  }): Consumption {
    const { clock, report = () => {} } = this.#options
    const link = this.#link((client) => this.#declare(client))
    const consumption = new RedisConsumption({ ...parts, clock, report, link })
    const running = { consumption, link }
    this.#running.add(running)
    return {
      stop: async () => {
        await consumption.stop()
        this.#running.delete(running)
        await link.close()
      },
    }
  }

  #assertOpened(): TransportDeclaration {
    if (this.#declaration === undefined || this.#isClosed) {
      const state = this.#isClosed ? 'was closed' : 'is not open'
      throw unavailable(new Error(`the transport ${state}`))
    }
    return this.#declaration
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    await Promise.all(
      [...this.#running].map(async ({ consumption, link }) => {
        await consumption.abandon()
        await link.close()
      }),
    )
    this.#running.clear()
    await this.#publishing.close()
  }
}

/** A server that has changed its settings since `open` takes no messages; they wait. */
function asUnavailable(error: unknown): Error {
  const { message } = unavailable(error)
  const isIncapable = unavailable(error).code === 'MESSAGES_TRANSPORT_INCAPABLE'
  return isIncapable ? unavailable(new Error(message, { cause: error })) : unavailable(error)
}

/** Both: a later one does not take away what an earlier one declared. */
function joined(
  first: TransportDeclaration | undefined,
  second: TransportDeclaration,
): TransportDeclaration {
  if (first === undefined) return second
  return {
    application: second.application,
    topics: [...new Set([...first.topics, ...second.topics])],
    consumers: [...first.consumers, ...second.consumers],
  }
}

import { type Channel, Connection } from 'rabbitmq-client'
import { atMost } from './deadline.ts'
import { reasonOf, unavailable } from './failure.ts'
import type { RabbitmqTransportOptions } from './options.ts'

const connectMs = 5_000
const closeMs = 2_000
const reconnect = { firstMs: 200, maxMs: 2_000 }
const heartbeatSeconds = 10
const frameBytesMax = 131_072

/** One connection that comes back by itself. Publishing and consuming have one each: a broker that is short
 *  of memory or disk stops to read from those that publish, and acknowledgements must pass. */
export class Link {
  readonly #connection: Connection
  readonly #options: RabbitmqTransportOptions
  /** Why the last attempt failed: an error that only says "timed out" helps nobody. */
  #problem: unknown

  constructor(options: RabbitmqTransportOptions, purpose: string) {
    const { url, hosts, report } = options
    this.#options = options
    this.#connection = new Connection({
      url,
      ...(hosts === undefined ? {} : { hosts: [...hosts] }),
      connectionName: `banyan ${purpose}`,
      // without it every confirm waits for the delayed acknowledgement of TCP: p50 21 ms instead of 0.6
      noDelay: true,
      acquireTimeout: connectMs,
      connectionTimeout: connectMs,
      retryLow: reconnect.firstMs,
      retryHigh: reconnect.maxMs,
      heartbeat: heartbeatSeconds,
      frameMax: frameBytesMax,
    })
    this.#connection.on('error', (error: unknown) => {
      this.#problem = error
      report?.(`${purpose}: ${reasonOf(error)}`)
    })
    this.#connection.on('connection', () => (this.#problem = undefined))
  }

  /** A channel, once connected.
   *  @throws MESSAGES_TRANSPORT_UNAVAILABLE after 5 s */
  async channel(): Promise<Channel> {
    try {
      const channel = await this.#connection.acquire({ emitErrorsFromChannel: true })
      channel.on('error', (error: unknown) => this.#options.report?.(reasonOf(error)))
      return channel
    } catch (error) {
      throw unavailable(this.#problem ?? error)
    }
  }

  /** Ends it; channels that are still open end with it. */
  async close(): Promise<void> {
    await atMost(this.#options.clock, closeMs, this.#connection.close())
    this.#connection.unsafeDestroy()
  }
}

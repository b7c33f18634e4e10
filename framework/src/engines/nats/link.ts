import {
  type JetStreamClient,
  jetstream,
  type JetStreamManager,
  jetstreamManager,
} from '@nats-io/jetstream'
import { connect, type NatsConnection, type NodeConnectionOptions } from '@nats-io/transport-node'
import { within } from './deadline.ts'
import { unavailable } from './failure.ts'
import type { NatsTransportOptions } from './options.ts'

const connectMs = 8_000
const requestMs = 5_000
const closeMs = 5_000

/** One connection to NATS that is made again for ever, and who wants to know when it is back. */
export class NatsLink {
  readonly connection: NatsConnection
  readonly jetstream: JetStreamClient
  readonly manager: JetStreamManager
  readonly #options: NatsTransportOptions
  readonly #onReconnect = new Set<() => void>()
  readonly #onLoss = new Set<(error: Error) => void>()
  #isUp = true

  private constructor(
    options: NatsTransportOptions,
    connection: NatsConnection,
    manager: JetStreamManager,
  ) {
    this.#options = options
    this.connection = connection
    this.manager = manager
    this.jetstream = jetstream(connection, { timeout: requestMs })
    void this.#follow()
  }

  /** @throws MESSAGES_TRANSPORT_UNAVAILABLE, within 10 s */
  static async open(options: NatsTransportOptions): Promise<NatsLink> {
    try {
      const connection = await connect(connectionOptions(options))
      const manager = await jetstreamManager(connection, { checkAPI: false, timeout: requestMs })
      return new NatsLink(options, connection, manager)
    } catch (error) {
      throw unavailable(error)
    }
  }

  get isUp(): boolean {
    return this.#isUp
  }

  /** Calls `run` after each reconnection until the returned function is called. */
  onReconnect(run: () => void): () => void {
    this.#onReconnect.add(run)
    return () => void this.#onReconnect.delete(run)
  }

  /** The result of a request, or a rejection as soon as the connection is lost: its answer will not come,
   *  and the library would wait for it until its time is over. */
  whileUp<R>(request: Promise<R>): Promise<R> {
    const lost = Promise.withResolvers<never>()
    if (this.#isUp) this.#onLoss.add(lost.reject)
    else lost.reject(new Error('the connection is lost'))
    return Promise.race([request, lost.promise]).finally(() => this.#onLoss.delete(lost.reject))
  }

  async close(): Promise<void> {
    // drains what is written; a server that is away must not hold it up
    const closing = this.#isUp ? this.connection.drain() : this.connection.close()
    await within(this.#options.clock, closing, { limitMs: closeMs, doing: 'closing' }).catch(() =>
      within(this.#options.clock, this.connection.close(), {
        limitMs: closeMs,
        doing: 'closing',
      }).catch(() => {}),
    )
  }

  async #follow(): Promise<void> {
    for await (const { type } of this.connection.status()) {
      if (type === 'disconnect') this.#lose()
      if (type !== 'reconnect') continue
      this.#isUp = true
      for (const run of this.#onReconnect) run()
    }
    this.#lose()
  }

  #lose(): void {
    this.#isUp = false
    for (const reject of this.#onLoss) reject(new Error('the connection is lost'))
  }
}

function connectionOptions(options: NatsTransportOptions): NodeConnectionOptions {
  const { account, tls } = options
  return {
    servers: [...options.servers],
    name: 'banyan',
    timeout: connectMs,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    ignoreAuthErrorAbort: true,
    // a server that is cut off without a word is noticed after 10 to 15 s
    pingInterval: 5_000,
    maxPingOut: 2,
    ...(account === undefined ? {} : accountOptions(account)),
    ...(tls === undefined ? {} : { tls: { ...tls } }),
  }
}

function accountOptions(account: NonNullable<NatsTransportOptions['account']>): {
  user?: string
  pass?: string
  token?: string
} {
  return 'token' in account
    ? { token: account.token }
    : { user: account.user, pass: account.password }
}

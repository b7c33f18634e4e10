import { createClient, type RedisClientType } from '@redis/client'
import type { Clock } from '../../kernel/index.ts'
import { atMost, within } from './deadline.ts'
import { reasonOf, unavailable } from './failure.ts'

export type Client = RedisClientType

const connectMs = 4_000
const closeMs = 1_000

export interface LinkOptions {
  readonly url: string
  readonly clock: Clock
  readonly report: (problem: string) => void
  /** What must hold on a new connection before anything else is said on it. */
  readonly prepare: (client: Client) => Promise<void>
}

/** One connection, made when it is needed. It never comes back by itself: every new one is prepared, since
 *  the server behind it may be another one, or have other settings. */
export class Link {
  readonly #options: LinkOptions
  #client: Promise<Client> | undefined
  #isClosed = false

  constructor(options: LinkOptions) {
    this.#options = options
  }

  /** A client that is connected and prepared.
   *  @throws MESSAGES_TRANSPORT_UNAVAILABLE after 8 s · MESSAGES_TRANSPORT_INCAPABLE */
  async client(): Promise<Client> {
    if (this.#isClosed) throw unavailable(new Error('the transport was closed'))
    const connecting = (this.#client ??= this.#connect())
    try {
      const client = await connecting
      if (client.isReady) return client
    } catch (error) {
      if (this.#client === connecting) this.#client = undefined
      throw unavailable(error)
    }
    if (this.#client === connecting) this.#client = undefined
    return this.client()
  }

  /** Ends the connection and what waits on it; the next use makes a new one. */
  drop(): void {
    const dropped = this.#client
    this.#client = undefined
    void dropped?.then((client) => destroy(client)).catch(() => {})
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const closed = this.#client
    if (closed === undefined) return
    await atMost(
      this.#options.clock,
      closeMs,
      closed.then((client) => client.close()),
    )
    this.drop()
  }

  async #connect(): Promise<Client> {
    const { url, clock, report, prepare } = this.#options
    const client: Client = createClient({
      url,
      disableOfflineQueue: true,
      socket: { reconnectStrategy: false, connectTimeout: connectMs, keepAlive: true },
    })
    let problem: unknown
    client.on('error', (error: unknown) => {
      problem = error
      report(reasonOf(error))
    })
    try {
      await within(clock, connectMs, { what: 'connecting', work: client.connect() })
      await within(clock, connectMs, { what: 'the first answer', work: prepare(client) })
      return client
    } catch (error) {
      destroy(client)
      throw unavailable(problem ?? error)
    }
  }
}

function destroy(client: Client): void {
  if (client.isOpen) client.destroy()
}

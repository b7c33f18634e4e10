import type { Clock, Random, Timer } from '../kernel/index.ts'
import type { Listening, NotificationListener } from './database.ts'
import type { Connection, DatabaseServer } from './port.ts'

export interface ChannelListenerOptions {
  readonly server: DatabaseServer
  readonly clock: Clock
  readonly random: Random
  readonly channel: string
  /** A channel that nobody else uses: by it the listener hears that it hears. */
  readonly probe: string
  readonly listener: NotificationListener
  closed(): void
}

const probeEveryMs = 15_000
const answerMsMax = 5_000
const pauseFirstMs = 100
const pauseMsMax = 60_000

/** Listens to one channel, on one connection at a time.
 *
 *  connecting → listening (LISTEN and a probe sent) → alive (the probe was heard; again every 15 s)
 *       ↑              └── not heard within 5 s ──┐     │ lost, or a probe not heard
 *       └────────────── pause, full jitter ───────┴─────┘
 *
 *  The probe tells a connection that hears from one behind a pooler, where LISTEN succeeds in vain, and
 *  from one whose other end is gone without a word. */
export class ChannelListener implements Listening {
  readonly #options: ChannelListenerOptions
  #connection: Connection | undefined
  #timer: Timer | undefined
  #isAlive = false
  #isClosed = false
  #failures = 0

  constructor(options: ChannelListenerOptions) {
    this.#options = options
  }

  get isAlive(): boolean {
    return this.#isAlive
  }

  start(): void {
    void this.#connect()
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#timer?.stop()
    this.#connection?.destroy()
    this.#setAlive(false)
    this.#options.closed()
  }

  async #connect(): Promise<void> {
    const { server, channel, probe } = this.#options
    let connection: Connection
    try {
      connection = await server.connect()
    } catch {
      return this.#again()
    }
    if (this.#isClosed) return connection.destroy()
    this.#connection = connection
    connection.onLost(() => this.#lost(connection))
    connection.onNotification((heard, payload) => {
      if (connection === this.#connection) this.#heard(heard, payload)
    })
    this.#send(connection, `listen "${channel}"`)
    this.#send(connection, `listen "${probe}"`)
    this.#probe(connection)
  }

  #probe(connection: Connection): void {
    this.#send(connection, `notify "${this.#options.probe}"`)
    this.#after(answerMsMax, () => this.#lost(connection))
  }

  #heard(channel: string, payload: string): void {
    if (channel === this.#options.channel) return this.#options.listener.heard(payload)
    if (channel !== this.#options.probe) return
    this.#failures = 0
    this.#setAlive(true)
    this.#after(probeEveryMs, () => {
      if (this.#connection !== undefined) this.#probe(this.#connection)
    })
  }

  #lost(connection: Connection): void {
    if (connection !== this.#connection) return
    this.#connection = undefined
    connection.destroy()
    this.#setAlive(false)
    this.#again()
  }

  #again(): void {
    const boundMs = Math.min(pauseMsMax, pauseFirstMs * 2 ** Math.min(this.#failures++, 16))
    const pauseMs = boundMs * (0.5 + this.#options.random.fraction() / 2)
    this.#after(pauseMs, () => void this.#connect())
  }

  #after(ms: number, run: () => void): void {
    this.#timer?.stop()
    if (this.#isClosed) return
    this.#timer = this.#options.clock.after(ms, run, { background: true })
  }

  #setAlive(isAlive: boolean): void {
    if (this.#isAlive === isAlive) return
    this.#isAlive = isAlive
    this.#options.listener.changed(isAlive)
  }

  #send(connection: Connection, text: string): void {
    connection.send({
      ...{ text, name: undefined, isScript: true, values: [] },
      succeed: () => {},
      fail: () => this.#lost(connection),
    })
  }
}

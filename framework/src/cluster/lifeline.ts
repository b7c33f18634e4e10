import { connect } from 'node:net'
import { type Clock, type Random, sleep, type Timer } from '../kernel/index.ts'
import { tryIdentify } from '../process/index.ts'
import { errorFieldsOf } from './error-fields.ts'
import { LineChannel } from './line-channel.ts'
import {
  type ChildPhase,
  decodeMessage,
  encodeMessage,
  type FromChild,
  type ReadyReport,
  type ToChild,
} from './message.ts'
import type { LifelineOrders } from './orders.ts'

/** Why a process of the supervisor is to end. */
export type EndReason =
  /** It was told to. */
  | { readonly why: 'stopped'; readonly isHasty: boolean }
  /** No supervisor answered for the grace, or the one that did does not know it. */
  | { readonly why: 'abandoned' }

export interface LifelineOptions {
  readonly orders: LifelineOrders
  readonly clock: Clock
  readonly random: Random
  /** Calls under way, for `ps`. */
  readonly inFlight?: () => number
  /** Told what is for this process alone. */
  readonly onGateway?: (order: Extract<ToChild, { type: 'gateway' }>) => void
}

const retryMsMin = 50
const retryMsMax = 1_000
const connectTimeoutMs = 2_000
const lastWordsMs = 2_000

/** The thread from a process to its supervisor. While the supervisor is away the process goes on and
 *  tries to reach it again; when nobody answered for the grace, `ended` fulfils: so no process is
 *  orphaned, and none dies with a supervisor that is restarted.
 *  It keeps the process alive until it is closed. */
export class Lifeline {
  /** Fulfils once, when this process is to end. */
  readonly ended: Promise<EndReason>
  readonly #options: LifelineOptions
  readonly #end: (reason: EndReason) => void
  readonly #closing = new AbortController()
  readonly #welcome = Promise.withResolvers<void>()
  #channel: LineChannel | undefined
  #grace: Timer | undefined
  /** The grace has passed; one more attempt decides, for this process itself may have been held up. */
  #isOverdue = false
  #phase: ChildPhase = 'starting'
  #report: ReadyReport | undefined
  #started = ''

  constructor(options: LifelineOptions) {
    this.#options = options
    const { promise, resolve } = Promise.withResolvers<EndReason>()
    this.ended = promise
    this.#end = resolve
    this.#countDown()
    void this.#keepConnected()
  }

  /** Says that this process serves; said again to every later supervisor. */
  ready(report: ReadyReport): void {
    this.#phase = 'ready'
    this.#report = report
    this.#tell({ type: 'ready', report })
  }

  /** Says that this process is going away. */
  draining(): void {
    this.#phase = 'draining'
    this.#tell({ type: 'draining' })
  }

  /** Says why this process ends, and hangs up. Resolves when it was said, or after 2 s.
   *  @param isFinal  another start cannot succeed either: settings or declarations are wrong */
  async failed(error: unknown, isFinal: boolean): Promise<void> {
    const late = Promise.withResolvers<void>()
    const timer = this.#options.clock.after(lastWordsMs, late.resolve)
    await Promise.race([this.#welcome.promise, late.promise])
    const channel = this.#channel
    this.#tell({ type: 'failed', error: errorFieldsOf(error), isFinal })
    this.close()
    await Promise.race([channel?.closed, late.promise])
    timer.stop()
  }

  /** Answers an order of the gateway. */
  gatewayApplied(revision: number, error?: unknown): void {
    const fields = error === undefined ? {} : { error: errorFieldsOf(error) }
    this.#tell({ type: 'gatewayApplied', revision, ...fields })
  }

  /** Lets go of the supervisor; the process may end. Idempotent. */
  close(): void {
    this.#closing.abort()
    this.#grace?.stop()
    this.#channel?.end()
  }

  async #keepConnected(): Promise<void> {
    const { clock, random } = this.#options
    const { signal } = this.#closing
    this.#started = (await tryIdentify(process.pid))?.started ?? ''
    let retryMs = retryMsMin
    while (!signal.aborted) {
      const wasOverdue = this.#isOverdue
      const wasWelcome = await this.#converse()
      if (signal.aborted) return
      if (wasWelcome) {
        retryMs = retryMsMin
        this.#countDown()
      } else if (wasOverdue) this.#end({ why: 'abandoned' })
      await sleep(clock, retryMs * (0.5 + random.fraction()), signal).catch(() => {})
      retryMs = Math.min(retryMsMax, retryMs * 2)
    }
  }

  /** One connection from its opening to its end. @returns whether the supervisor knew us. */
  #converse(): Promise<boolean> {
    return new Promise((resolve) => {
      const { clock, orders } = this.#options
      let isWelcome = false
      const socket = connect(orders.control)
      const timer = clock.after(connectTimeoutMs, () => {
        if (!isWelcome) channel.destroy('the supervisor does not answer')
      })
      const channel = new LineChannel(socket, {
        line: (line) => {
          const message = decodeMessage(line)
          if (typeof message === 'string') return channel.destroy(message)
          if (message.type === 'welcome') {
            isWelcome = true
            this.#welcomed(channel)
          } else this.#obey(message as ToChild)
        },
        closed: () => {
          timer.stop()
          this.#channel = undefined
          resolve(isWelcome)
        },
      })
      socket.once('connect', () => this.#introduce(channel))
    })
  }

  #introduce(channel: LineChannel): void {
    const { id, secret } = this.#options.orders
    const { pid } = process
    const phase = this.#phase
    const hello: FromChild = { type: 'hello', id, secret, pid, started: this.#started, phase }
    channel.send(encodeMessage(hello))
  }

  #welcomed(channel: LineChannel): void {
    this.#grace?.stop()
    this.#grace = undefined
    this.#isOverdue = false
    this.#channel = channel
    this.#welcome.resolve()
    if (this.#report !== undefined) this.#tell({ type: 'ready', report: this.#report })
    if (this.#phase === 'draining') this.#tell({ type: 'draining' })
  }

  #obey(message: ToChild): void {
    switch (message.type) {
      case 'ping':
        return this.#pong()
      case 'stop':
        return this.#end({ why: 'stopped', isHasty: message.isHasty })
      case 'refused':
        return this.#end({ why: 'abandoned' })
      case 'gateway':
        return this.#options.onGateway?.(message)
      default:
    }
  }

  #pong(): void {
    const inFlight = this.#options.inFlight?.()
    const rssBytes = process.memoryUsage.rss()
    this.#tell({ type: 'pong', rssBytes, ...(inFlight === undefined ? {} : { inFlight }) })
  }

  #tell(message: FromChild): void {
    this.#channel?.send(encodeMessage(message))
  }

  #countDown(): void {
    if (this.#grace !== undefined) return
    const { clock, orders } = this.#options
    this.#grace = clock.after(orders.graceMs, () => {
      this.#isOverdue = true
    })
  }
}

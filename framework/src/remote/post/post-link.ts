import { request } from 'node:http'
import type { OutgoingCall } from '../../call/index.ts'
import type { Timer } from '../../kernel/index.ts'
import { remoteInputTooLarge, remoteOutputTooLarge } from '../errors.ts'
import type { Link, LinkEvents } from '../port.ts'
import { encodePostHeaders } from '../post-headers.ts'
import { encodeRefusal } from '../refusal-text.ts'
import { PostConnections, type PostConnectionsOptions } from './post-connections.ts'
import type { PostBounds } from './post-bounds.ts'
import {
  causeOf,
  type ExchangeOwner,
  type Posted,
  PostExchange,
  saysClose,
} from './post-exchange.ts'

export interface PostLinkOptions extends PostConnectionsOptions {
  /** The service that calls. */
  readonly service: string
  readonly events: LinkEvents
}

/** The road to one instance by HTTP requests. It opens when the instance has answered anything at all,
 *  and takes no more calls once the instance says that it closes its connections, or a connection is
 *  refused; it closes when the last call under way has ended.
 *  Invariant: `closed` is told once, after every call under way has ended. */
export class PostLink implements Link, ExchangeOwner {
  readonly payloadBytesMax: number
  readonly #options: PostLinkOptions
  readonly #exchanges = new Map<OutgoingCall, PostExchange>()
  readonly #unwatch: (() => void) | undefined
  #connections: PostConnections
  #state: 'opening' | 'open' | 'leaving' | 'closed' = 'opening'
  #cause = ''
  #closing: Promise<void> | undefined
  #whenClosed: (() => void) | undefined

  constructor(options: PostLinkOptions) {
    this.#options = options
    this.payloadBytesMax = options.bounds.payloadBytesMax
    this.#connections = new PostConnections(options)
    this.#unwatch = options.tls?.watch(() => this.#renew())
    this.#knock()
  }

  get inFlight(): number {
    return this.#exchanges.size
  }

  send(call: OutgoingCall): boolean {
    const { bounds, events, service } = this.#options
    if (this.#state !== 'open' || this.#exchanges.size >= bounds.inFlightMax) return false
    const headers = encodePostHeaders(call, service)
    const tooLarge = findTooLarge({ call, headers }, bounds)
    if (tooLarge !== undefined) {
      process.nextTick(() => events.failed(call, tooLarge))
      return true
    }
    this.#connections.enter()
    this.#exchanges.set(call, new PostExchange({ call, headers }, this.#connections, this))
    return true
  }

  cancel(call: OutgoingCall): void {
    const exchange = this.#exchanges.get(call)
    if (exchange === undefined) return
    exchange.stop()
    this.#ended(exchange)
  }

  close(deadlineMs: number): Promise<void> {
    this.#closing ??= this.#close(deadlineMs)
    return this.#closing
  }

  answered(exchange: PostExchange, output: string, isLeaving: boolean): void {
    if (isLeaving) this.#leave('the instance is draining')
    this.#end(exchange, () => this.#options.events.answered(exchange.call, output))
  }

  failed(exchange: PostExchange, error: string, isLeaving: boolean): void {
    if (isLeaving) this.#leave('the instance is draining')
    this.#end(exchange, () => this.#options.events.failed(exchange.call, error))
  }

  outputTooLarge(exchange: PostExchange, bytes: number): void {
    const { operation } = exchange.call
    const limit = this.payloadBytesMax
    const error = encodeRefusal(remoteOutputTooLarge({ operation, bytes, limit }))
    this.#end(exchange, () => this.#options.events.failed(exchange.call, error))
  }

  lost(exchange: PostExchange, cause: string): void {
    const { isSent } = exchange
    // where no connection can be made, the next call needs none of its own to find out
    if (!isSent) this.#leave(cause)
    this.#end(exchange, () => this.#options.events.lost(exchange.call, isSent, cause))
  }

  /** Room is made before the end is told: whoever hears of it may send the next call. */
  #end(exchange: PostExchange, tell: () => void): void {
    this.#exchanges.delete(exchange.call)
    exchange.connections.leave()
    tell()
    this.#finishIfIdle()
  }

  #ended(exchange: PostExchange): void {
    this.#end(exchange, () => {})
  }

  /** Asks for a sign of life: any answer is one. */
  #knock(): void {
    const { clock, bounds } = this.#options
    const asked = request({ agent: this.#connections, path: '/livez' })
    this.#connections.enter()
    let timer: Timer | undefined
    const conclude = (cause: string | undefined): void => {
      if (timer === undefined) return
      timer.stop()
      timer = undefined
      this.#connections.leave()
      if (cause === undefined) this.#open()
      else this.#leave(cause)
    }
    timer = clock.after(bounds.connectTimeoutMs, () => {
      conclude(`no sign of life within ${bounds.connectTimeoutMs} ms`)
      asked.destroy()
    })
    asked.on('response', (response) => {
      response.resume()
      conclude(saysClose(response.headers) ? 'the instance is draining' : undefined)
    })
    asked.on('error', (error) => conclude(causeOf(error)))
    asked.end()
  }

  #open(): void {
    if (this.#state !== 'opening') return
    this.#state = 'open'
    this.#options.events.opened()
  }

  /** Takes no more calls. */
  #leave(cause: string): void {
    if (this.#state === 'leaving' || this.#state === 'closed') return
    const wasOpen = this.#state === 'open'
    this.#state = 'leaving'
    this.#cause = cause
    if (wasOpen) this.#options.events.draining()
    // those who are told of an end right now are told of this first
    process.nextTick(() => this.#finishIfIdle())
  }

  #finishIfIdle(): void {
    if (this.#state !== 'leaving' || this.#exchanges.size > 0) return
    this.#state = 'closed'
    this.#unwatch?.()
    this.#connections.retire()
    this.#options.events.closed(this.#cause)
    this.#whenClosed?.()
  }

  async #close(deadlineMs: number): Promise<void> {
    if (this.#state === 'closed') return
    const closed = new Promise<void>((resolve) => {
      this.#whenClosed = resolve
    })
    this.#leave('closed')
    const timer = this.#options.clock.after(deadlineMs, () => this.#cutOff())
    await closed
    timer.stop()
  }

  #cutOff(): void {
    for (const exchange of [...this.#exchanges.values()]) {
      const { isSent } = exchange
      exchange.stop()
      const cause = 'closed before it was answered'
      this.#end(exchange, () => this.#options.events.lost(exchange.call, isSent, cause))
    }
  }

  /** New connections use the new certificates; calls under way end on the old ones. */
  #renew(): void {
    const old = this.#connections
    this.#connections = new PostConnections(this.#options)
    old.retire()
  }
}

/** The error for a call that no request would carry, encoded, or undefined. */
function findTooLarge({ call, headers }: Posted, bounds: PostBounds): string | undefined {
  const { operation, input } = call
  // a character is at most three bytes: short inputs need not be measured
  const inputBytes = input.length * 3 > bounds.payloadBytesMax ? Buffer.byteLength(input) : 0
  if (inputBytes > bounds.payloadBytesMax) {
    const details = { operation, bytes: inputBytes, limit: bounds.payloadBytesMax }
    return encodeRefusal(remoteInputTooLarge({ ...details, part: 'input' }))
  }
  const bytes = headerBytesOf(headers)
  if (bytes <= bounds.headerBytesMax) return undefined
  const details = { operation, bytes, limit: bounds.headerBytesMax }
  return encodeRefusal(remoteInputTooLarge({ ...details, part: 'headers' }))
}

function headerBytesOf(headers: Readonly<Record<string, string>>): number {
  let bytes = 0
  for (const name in headers) bytes += name.length + (headers[name]?.length ?? 0) + 4
  return bytes
}

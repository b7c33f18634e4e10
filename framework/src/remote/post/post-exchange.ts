import {
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
} from 'node:http'
import type { OutgoingCall } from '../../call/index.ts'
import { postHeader, postPath } from '../post-headers.ts'
import type { PostConnections } from './post-connections.ts'

/** Who hears of the end of an exchange; exactly one of them, once, unless it was stopped. */
export interface ExchangeOwner {
  readonly payloadBytesMax: number
  /** @param isLeaving  Whether the callee said that it closes the connection. */
  answered(exchange: PostExchange, output: string, isLeaving: boolean): void
  failed(exchange: PostExchange, error: string, isLeaving: boolean): void
  outputTooLarge(exchange: PostExchange, bytes: number): void
  lost(exchange: PostExchange, cause: string): void
}

/** A call and the headers that say it. */
export interface Posted {
  readonly call: OutgoingCall
  readonly headers: Readonly<Record<string, string>>
}

/** One call as one HTTP request. */
export class PostExchange {
  readonly call: OutgoingCall
  readonly connections: PostConnections
  readonly #owner: ExchangeOwner
  readonly #request: ClientRequest
  #response: IncomingMessage | undefined
  #chunks: Buffer[] = []
  #bytes = 0
  #isOver = false

  /** Sends the call. */
  constructor(posted: Posted, connections: PostConnections, owner: ExchangeOwner) {
    const { call, headers } = posted
    this.call = call
    this.connections = connections
    this.#owner = owner
    this.#request = request({
      ...{ agent: connections, method: 'POST', path: postPath(call.operation), headers },
    })
    this.#request.on('response', (response) => this.#read(response))
    this.#request.on('error', (error) => this.#lose(causeOf(error)))
    this.#request.on('close', () => this.#lose('the connection was closed'))
    this.#request.end(call.input)
  }

  /** False: the callee cannot have seen the call. */
  get isSent(): boolean {
    return this.connections.hasConnected(this.#request.socket)
  }

  /** Breaks it off; the owner hears nothing more. */
  stop(): void {
    this.#isOver = true
    this.#request.destroy()
  }

  #read(response: IncomingMessage): void {
    this.#response = response
    response.on('data', (chunk: Buffer) => this.#collect(chunk))
    response.on('end', () => this.#conclude(response))
    response.on('error', (error) => this.#lose(causeOf(error)))
  }

  #collect(chunk: Buffer): void {
    if (this.#isOver) return
    this.#bytes += chunk.length
    this.#chunks.push(chunk)
    if (this.#bytes <= this.#owner.payloadBytesMax) return
    this.stop()
    this.#owner.outputTooLarge(this, this.#bytes)
  }

  #conclude({ headers, statusCode }: IncomingMessage): void {
    if (this.#isOver) return
    const outcome = headers[postHeader.outcome]
    const isLeaving = saysClose(headers)
    if (outcome !== 'answered' && outcome !== 'failed') {
      return this.#lose(`status ${statusCode} from something on the road`)
    }
    this.#isOver = true
    const text = this.#text()
    if (outcome === 'answered') this.#owner.answered(this, text, isLeaving)
    else this.#owner.failed(this, text, isLeaving)
  }

  #text(): string {
    const [first] = this.#chunks
    if (first === undefined) return ''
    return (this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks)).toString('utf8')
  }

  #lose(cause: string): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#response?.resume()
    this.#owner.lost(this, cause)
  }
}

/** Whether the other end closes the connection behind this answer: an instance does when it drains. */
export function saysClose({ connection }: IncomingHttpHeaders): boolean {
  return connection !== undefined && /\bclose\b/i.test(connection)
}

/** What an error of a socket says, its code first. */
export function causeOf(error: NodeJS.ErrnoException): string {
  return error.code === undefined ? error.message : `${error.code}: ${error.message}`
}

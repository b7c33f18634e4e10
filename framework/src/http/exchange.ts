import type { IncomingMessage, ServerResponse } from 'node:http'
import { callInputInvalid, issueTexts } from '../call/index.ts'
import type { FileAnswer } from '../contract/index.ts'
import { type Checked, invalid } from '../schema/index.ts'
import { anonymous, BanyanError, Context, type Expiring, type Principal } from '../kernel/index.ts'
import type { Edge } from './edge.ts'
import { type Endpoint, readParameter } from './endpoint.ts'
import { entityTagOf, matchesEntityTag } from './entity-tag.ts'
import {
  httpAuthorizationInvalid,
  httpBodyConsumed,
  httpBodyInvalid,
  httpBodyTooLarge,
  httpBodyUnexpected,
  httpClientDisconnected,
  httpFieldDuplicated,
  httpIdempotencyKeyMissing,
  httpRequestTimeout,
} from './errors.ts'
import { parseJsonBody } from './json-body.ts'
import { findTrailerError } from './message-check.ts'
import { Reply } from './reply.ts'
import {
  assertJsonContent,
  parseBearer,
  parseIdempotencyKey,
  parseTimeoutMs,
} from './request-headers.ts'
import { parseQuery } from './target.ts'

const exchange: unique symbol = Symbol('banyan.exchange')
type Carrier<Message> = Message & { [exchange]?: Exchange }

/** The exchange that a response belongs to, unless it belongs to none. */
export function exchangeOf(response: ServerResponse): Exchange | undefined {
  return (response as Carrier<ServerResponse>)[exchange]
}

/** A request on its way through the pipeline of an operation: admitted, authenticated, authorised,
 *  read, decoded, run, answered. Listeners are shared functions that find their exchange on the
 *  message, so that a request creates no closures. */
export class Exchange extends Reply implements Expiring {
  declare readonly endpoint: Endpoint
  readonly #query: string
  readonly #values: readonly string[]
  #principal: Principal = anonymous
  #idempotencyKey: string | undefined = undefined
  #timeoutMs: number | undefined = undefined
  #context: Context | undefined = undefined
  #chunks: Buffer | Buffer[] | undefined = undefined

  deadlineMs = 0
  deadlinePrevious: Expiring | undefined = undefined
  deadlineNext: Expiring | undefined = undefined
  deadlineSlot = -1

  constructor(
    edge: Edge,
    message: { readonly request: IncomingMessage; readonly response: ServerResponse },
    place: {
      readonly endpoint: Endpoint
      readonly path: string
      readonly query: string
      readonly values: readonly string[]
    },
  ) {
    super(edge, message, place)
    this.#query = place.query
    this.#values = place.values
  }

  override get subject(): string {
    return this.#principal.subject
  }

  /** Starts the pipeline. */
  begin(): void {
    const response: Carrier<ServerResponse> = this.response
    response[exchange] = this
    response.on('close', onResponseClosed)
    try {
      this.#admit()
    } catch (error) {
      this.refuse(error)
    }
  }

  /** The body took too long. */
  expire(): void {
    this.refuse(httpRequestTimeout({ cause: `no end after ${this.edge.bodyTimeoutMs} ms` }), true)
  }

  disconnected(): void {
    this.edge.deadlines.unwatch(this)
    if (this.isAnswered) return
    this.isAnswered = true
    const reason = httpClientDisconnected({ operation: this.endpoint.operation.id })
    this.#context?.cancel(reason)
    this.record(499, reason.code, 0)
  }

  received(chunk: Buffer): void {
    this.requestBytes += chunk.length
    if (this.isAnswered) return
    const { bodyBytesMax } = this.endpoint
    if (this.requestBytes > bodyBytesMax) {
      this.#stopReading()
      this.refuse(httpBodyTooLarge({ bodyBytesMax }), true)
    } else if (this.#chunks === undefined) this.#chunks = chunk
    else if (Array.isArray(this.#chunks)) this.#chunks.push(chunk)
    else this.#chunks = [this.#chunks, chunk]
  }

  ended(): void {
    this.edge.deadlines.unwatch(this)
    if (this.isAnswered) return
    try {
      const trailerError = findTrailerError(this.request)
      if (trailerError !== undefined) return this.refuse(trailerError, true)
      const chunks = this.#chunks
      this.#chunks = undefined
      if (chunks === undefined) return this.#runWith({})
      this.#runWith(parseJsonBody(Array.isArray(chunks) ? Buffer.concat(chunks) : chunks))
    } catch (error) {
      this.refuse(error)
    }
  }

  #admit(): void {
    const { edge, request } = this
    const { headers } = request
    const refusal = edge.admit?.(this.endpoint.operation, headers)
    if (refusal !== undefined) return this.refuse(refusal)
    if (headers.authorization === undefined) return this.#authorize()
    const token = parseBearer(headers.authorization)
    if (edge.authenticate === undefined) {
      throw httpAuthorizationInvalid({ cause: 'cannot be checked: no tokens are configured' })
    }
    const proved = edge.authenticate(token)
    if (proved instanceof Promise) return void this.#authenticateLater(proved)
    this.#principal = proved
    this.#authorize()
  }

  async #authenticateLater(proved: Promise<Principal>): Promise<void> {
    try {
      this.#principal = await proved
      if (!this.isAnswered) this.#authorize()
    } catch (error) {
      this.refuse(error)
    }
  }

  #authorize(): void {
    const { endpoint, request } = this
    const { headers } = request
    endpoint.operation.authorize(this.#principal)
    this.#timeoutMs = parseTimeoutMs(headers['request-timeout'], headers['x-request-timeout-ms'])
    if (endpoint.isCommand) {
      const key = headers['idempotency-key']
      if (key !== undefined) this.#idempotencyKey = parseIdempotencyKey(key)
      else if (endpoint.needsKey) {
        throw httpIdempotencyKeyMissing({ operation: endpoint.operation.id })
      }
    }
    if (endpoint.takesBody) this.#readBody()
    else this.#decodeText()
  }

  #readBody(): void {
    const { request, endpoint, edge } = this
    const { headers } = request
    const parsed = (request as IncomingMessage & { readonly body?: unknown }).body
    if (parsed !== undefined) return this.#runParsed(parsed)
    const length = headers['content-length']
    if (headers['transfer-encoding'] === undefined && (length === undefined || length === '0')) {
      return this.#runWith({})
    }
    assertJsonContent(headers['content-type'], headers['content-encoding'])
    const { bodyBytesMax } = endpoint
    if (length !== undefined && Number(length) > bodyBytesMax) {
      return this.refuse(httpBodyTooLarge({ bodyBytesMax }), true)
    }
    if (request.readableEnded) {
      throw httpBodyConsumed({ operation: endpoint.operation.id })
    }
    if (awaitsContinue(request)) this.response.writeContinue()
    this.deadlineMs = this.span.startMs + edge.bodyTimeoutMs
    edge.deadlines.watch(this)
    const carrier: Carrier<IncomingMessage> = request
    carrier[exchange] = this
    request.on('data', onRequestData)
    request.on('end', onRequestEnd)
  }

  #stopReading(): void {
    this.#chunks = undefined
    this.edge.deadlines.unwatch(this)
    this.request.removeListener('data', onRequestData)
    this.request.removeListener('end', onRequestEnd)
  }

  /** Takes a body that the host of a mounted handler has already read. */
  #runParsed(body: unknown): void {
    const { headers } = this.request
    if (Buffer.isBuffer(body)) {
      if (body.length === 0) return this.#runWith({})
      assertJsonContent(headers['content-type'], undefined)
      return this.#runWith(parseJsonBody(body))
    }
    if (typeof body === 'string') return this.#runParsed(Buffer.from(body))
    if (headers['content-type'] !== undefined) {
      assertJsonContent(headers['content-type'], undefined)
    }
    this.#runWith(body)
  }

  #runWith(body: unknown): void {
    const { endpoint } = this
    const wire = endpoint.parameters.length === 0 ? body : this.#withParameters(body)
    const input = endpoint.operation.input.decodeOrInvalid(wire)
    if (input !== invalid) return void this.#run(input)
    const judged = endpoint.operation.input.decode(wire)
    if (!judged.ok) return this.#refuseInput(judged)
    void this.#run(judged.value)
  }

  #withParameters(body: unknown): unknown {
    if (typeof body !== 'object' || body === null || Array.isArray(body)) {
      throw httpBodyInvalid({ cause: 'is not an object' })
    }
    const fields: Record<string, unknown> = { ...body }
    for (const [index, parameter] of this.endpoint.parameters.entries()) {
      if (Object.hasOwn(fields, parameter.name)) {
        throw httpFieldDuplicated({ field: parameter.name })
      }
      fields[parameter.name] = readParameter(parameter, this.#values[index] ?? '')
    }
    return fields
  }

  #decodeText(): void {
    const { request, endpoint } = this
    const { headers } = request
    const length = headers['content-length']
    if (headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0')) {
      throw httpBodyUnexpected({ method: endpoint.method })
    }
    const fields = parseQuery(this.#query)
    const { parameters } = endpoint
    for (let index = 0; index < parameters.length; index++) {
      const name = parameters[index]?.name ?? ''
      if (Object.hasOwn(fields, name)) throw httpFieldDuplicated({ field: name })
      fields[name] = this.#values[index] ?? ''
    }
    const decoded = endpoint.operation.input.decodeText(fields)
    if (!decoded.ok) return this.#refuseInput(decoded)
    void this.#run(decoded.value)
  }

  #refuseInput(checked: Checked<unknown>): void {
    const { id } = this.endpoint.operation
    this.refuse(callInputInvalid({ operation: id, issues: issueTexts(checked) }))
  }

  async #run(input: unknown): Promise<void> {
    const { edge, endpoint, span } = this
    const { operation } = endpoint
    const { timeoutMs } = operation
    const asked = this.#timeoutMs
    const context = new Context({
      world: edge.world,
      deadlines: edge.deadlines,
      deadlineMs: span.startMs + (asked === undefined || asked > timeoutMs ? timeoutMs : asked),
      principal: this.#principal,
      trace: span,
      idempotencyKey: this.#idempotencyKey,
      criticality: operation.declared.criticality ?? 'default',
      token: undefined,
    })
    this.#context = context
    let value: unknown
    try {
      value = await operation.invoke(input, context)
    } catch (error) {
      // Its bugs are coded by the call's pipeline, which has logged them with their cause.
      return this.refuse(error, false, error instanceof BanyanError)
    }
    try {
      this.#succeed(value)
    } catch (error) {
      this.refuse(error)
    }
  }

  #succeed(value: unknown): void {
    if (this.isAnswered) return
    const { endpoint } = this
    if (endpoint.answersFile) return this.#sendFile(value as FileAnswer)
    const { status, operation } = endpoint
    const body = status === 204 ? '' : (operation.output.encode(value) ?? '')
    const headers = status === 204 ? [] : ['Content-Type', 'application/json']
    if (!endpoint.isCommand) return this.#sendQuery(headers, body)
    headers.push('Cache-Control', 'no-store')
    this.send(status, headers, body)
  }

  #sendFile({ contentType, bytes }: FileAnswer): void {
    const headers = ['Content-Type', contentType]
    if (!this.endpoint.isCommand) return this.#sendQuery(headers, bytes)
    headers.push('Cache-Control', 'no-store')
    this.send(this.endpoint.status, headers, bytes)
  }

  /** A query's answer can be revalidated; only what anybody may see may be stored. */
  #sendQuery(headers: string[], body: string | Uint8Array): void {
    const tag = entityTagOf(body)
    const known = this.request.headers['if-none-match']
    const isOpen = this.endpoint.isPublic && this.#principal.subject === ''
    const caching = ['ETag', tag, 'Cache-Control', isOpen ? 'no-cache' : 'no-store']
    caching.push('Vary', 'Authorization')
    if (known !== undefined && matchesEntityTag(known, tag)) return this.send(304, caching, '')
    headers.push(...caching)
    this.send(this.endpoint.status, headers, body)
  }
}

const continues: unique symbol = Symbol('banyan.continues')

/** Marks a request whose client waits for "100 Continue" before it sends the body. */
export function markAwaitingContinue(request: IncomingMessage): void {
  ;(request as IncomingMessage & { [continues]?: true })[continues] = true
}

function awaitsContinue(request: IncomingMessage): boolean {
  return (request as IncomingMessage & { [continues]?: true })[continues] === true
}

function onRequestData(this: Carrier<IncomingMessage>, chunk: Buffer): void {
  this[exchange]?.received(chunk)
}

function onRequestEnd(this: Carrier<IncomingMessage>): void {
  this[exchange]?.ended()
}

function onResponseClosed(this: Carrier<ServerResponse>): void {
  this[exchange]?.disconnected()
}

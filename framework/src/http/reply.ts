import type { IncomingMessage, ServerResponse } from 'node:http'
import { asBanyanError, type BanyanError, kindRules, tryParseTraceparent } from '../kernel/index.ts'
import { type Span, type SpanName, spanKind } from '../telemetry/index.ts'
import type { Edge } from './edge.ts'
import type { Endpoint } from './endpoint.ts'
import { formatProblem, isForCallers } from './problem.ts'
import { statusOf } from './status.ts'

/** What a browser may do with an answer that it was led to show: nothing. */
const apiPolicy = "default-src 'none'; frame-ancestors 'none'"

/** Bytes of an unread body that are worth reading to keep a connection. */
const drainedBytesMax = 64 * 1024

export interface AnswerOptions {
  /** Whether the connection ends with this answer. */
  readonly closes?: boolean
  /** Empty when the request succeeded. */
  readonly errorCode?: string
  /** For the one answer that is a page. */
  readonly contentSecurityPolicy?: string
}

/** One request and its one answer: begun, answered once, recorded. */
export class Reply {
  readonly edge: Edge
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly endpoint: Endpoint | undefined
  readonly path: string
  readonly span: Span
  isAnswered = false
  /** Set for what is asked every second: only failures are worth a line. */
  isRoutine = false
  requestBytes = 0

  constructor(
    edge: Edge,
    message: { readonly request: IncomingMessage; readonly response: ServerResponse },
    place: { readonly endpoint: Endpoint | undefined; readonly path: string },
  ) {
    this.edge = edge
    this.request = message.request
    this.response = message.response
    this.endpoint = place.endpoint
    this.path = place.path
    this.span = startSpan(edge, place.endpoint?.spanName ?? edge.unmatchedName, message.request)
    edge.inFlight++
  }

  /** Answers with an error as problem details. What the caller is not told is logged at the level of
   *  its kind; a bug with its stack, unless somebody has done so. */
  refuse(error: unknown, closes: boolean = false, isLogged: boolean = false): void {
    if (this.isAnswered) return
    const known = asBanyanError(error)
    if (known.kind !== 'bug') this.#logUntold(known)
    else if (!isLogged) this.#logBug(known)
    const body = this.#problem(known)
    const headers = ['Content-Type', 'application/problem+json', 'Cache-Control', 'no-store']
    addRefusalHeaders(headers, known, this.edge.world.random.fraction())
    this.send(statusOf(known), headers, body, { closes, errorCode: known.code })
  }

  /** Answers once and records the request. Takes over `headers`. */
  send(
    status: number,
    headers: string[],
    body: string | Uint8Array,
    how: AnswerOptions = {},
  ): void {
    if (this.isAnswered) return
    this.isAnswered = true
    const bytes = Buffer.byteLength(body)
    if (status !== 304 && status !== 204) headers.push('Content-Length', String(bytes))
    headers.push('Trace-Id', this.span.traceId, 'X-Content-Type-Options', 'nosniff')
    headers.push('Content-Security-Policy', how.contentSecurityPolicy ?? apiPolicy)
    headers.push('Cross-Origin-Resource-Policy', 'same-origin')
    this.edge.cors?.addAnswerHeaders(headers, this.request.headers.origin)
    if (how.closes === true || this.edge.isDraining || this.#leavesBodyUnread()) {
      headers.push('Connection', 'close')
    }
    if (this.response.headersSent) return this.record(status, how.errorCode ?? '', 0)
    this.response.writeHead(status, headers)
    // Text of one byte per character needs no encoding; Node joins it with the head in one write.
    if (typeof body !== 'string') this.response.end(body)
    else this.response.end(body, bytes === body.length ? 'latin1' : 'utf8')
    this.record(status, how.errorCode ?? '', bytes)
  }

  /** Records the request: span, histogram, access line. Called once. */
  record(status: number, errorCode: string, responseBytes: number): void {
    const { edge, span, endpoint } = this
    const endMs = edge.world.clock.monotonicMs()
    const durationMs = endMs - span.startMs
    edge.inFlight--
    span.end(errorCode, status, endMs)
    if (endpoint === undefined) edge.unmatched.observe(status, durationMs)
    else endpoint.record(status, durationMs)
    if (this.isRoutine && status < 400) return
    edge.telemetry.logs.access({
      trace: span,
      method: this.request.method ?? '',
      path: this.path,
      operation: endpoint?.operation.id ?? '',
      status,
      durationMs,
      requestBytes: this.requestBytes,
      responseBytes,
      errorCode,
      subject: this.subject,
    })
  }

  /** The caller's subject for the access log. */
  get subject(): string {
    return ''
  }

  /** Whether reading on to save the connection would cost more than a new connection. */
  #leavesBodyUnread(): boolean {
    const { request } = this
    if (request.complete || request.readableEnded) return false
    const length = request.headers['content-length']
    if (length !== undefined) return Number(length) > drainedBytesMax
    return request.headers['transfer-encoding'] !== undefined
  }

  #problem(error: BanyanError): string {
    const { traceId } = this.span
    const place = { traceId, instance: this.path }
    const isDeclared = this.endpoint?.declares(error.code) ?? false
    try {
      return formatProblem(error, { ...place, isDeclared })
    } catch (cause) {
      // Details that JSON cannot hold must not cost the client its answer.
      this.#logBug(asBanyanError(cause))
      return formatProblem(error, { ...place, isDeclared: false })
    }
  }

  /** The words that only operators may read: which server does not answer, and why. */
  #logUntold(error: BanyanError): void {
    const { code, kind, message } = error
    if (isForCallers(error) || this.endpoint?.declares(code) === true) return
    const operation = this.endpoint?.operation.id ?? ''
    const { level } = kindRules[kind]
    this.edge.telemetry.logs.log(level, { operation, code }, message, this.span)
  }

  #logBug(error: BanyanError): void {
    const { logs } = this.edge.telemetry
    const operation = this.endpoint?.operation.id ?? ''
    logs.log('error', { operation, code: error.code, err: error }, error.message, this.span)
  }
}

function startSpan(edge: Edge, name: SpanName, request: IncomingMessage): Span {
  const { traceparent } = request.headers
  const parent = typeof traceparent === 'string' ? tryParseTraceparent(traceparent) : undefined
  return edge.telemetry.tracer.start(name, spanKind.server, parent)
}

/** What an error asks of the client: to prove who it is, or to wait. */
function addRefusalHeaders(headers: string[], error: BanyanError, fraction: number): void {
  if (error.kind === 'unauthenticated') {
    const detail = error.code === 'CALL_UNAUTHENTICATED' ? '' : ', error="invalid_token"'
    headers.push('WWW-Authenticate', `Bearer realm="api"${detail}`)
  }
  if (kindRules[error.kind].retry === 'later') {
    headers.push('Retry-After', String(retryAfterSeconds(error, fraction)))
  }
  const { allowed } = error.details
  if (error.code === 'HTTP_METHOD_NOT_ALLOWED') headers.push('Allow', String(allowed))
}

/** Seconds to wait: what the error says, else 1 to 5 spread at random, so that clients refused
 *  together do not return together. */
function retryAfterSeconds(error: BanyanError, fraction: number): number {
  const { retryAfterMs } = error.details
  if (typeof retryAfterMs === 'number') return Math.max(1, Math.ceil(retryAfterMs / 1_000))
  return 1 + Math.floor(fraction * 5)
}

import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { BanyanError } from '../kernel/index.ts'
import { type Span, spanKind, type Telemetry } from '../telemetry/index.ts'
import { httpHeadersTooLarge, httpMessageMalformed, httpRequestTimeout } from './errors.ts'
import { exchangeOf } from './exchange.ts'
import { formatProblem } from './problem.ts'
import { statusOf, titleOf } from './status.ts'

/** Answers what never became a request, because Node's parser refused it or it did not arrive, and
 *  closes the connection. */
export function answerClientError(error: unknown, socket: Socket, telemetry: Telemetry): void {
  const cause = causeOf(error)
  if (cause === undefined || !socket.writable) return void socket.destroy()
  const current = currentResponse(socket)
  if (current !== undefined) {
    // The request before is whole and at work: an answer now would be taken for its answer.
    if (current.req.complete) return void socket.destroy()
    const begun = exchangeOf(current)
    if (begun !== undefined) return begun.refuse(cause, true)
  }
  const { tracer, logs } = telemetry
  const span = tracer.start(tracer.name('HTTP request'), spanKind.server, undefined)
  socket.end(formatAnswer(cause, span))
  const status = statusOf(cause)
  span.end(cause.code, status)
  logs.access({
    trace: span,
    method: '',
    path: '',
    operation: '',
    status,
    durationMs: 0,
    requestBytes: socket.bytesRead,
    responseBytes: 0,
    errorCode: cause.code,
    subject: '',
  })
}

/** The response that is to be sent next; node:http keeps it on the socket. */
function currentResponse(socket: Socket): ServerResponse | undefined {
  return (
    (socket as Socket & { readonly _httpMessage?: ServerResponse | null })._httpMessage ?? undefined
  )
}

/** What was wrong, or undefined when nobody is left to tell. */
function causeOf(error: unknown): BanyanError | undefined {
  const { code, reason, message } = error as { code?: string; reason?: string; message?: string }
  if (code === 'ECONNRESET' || code === 'EPIPE') return undefined
  if (code === 'HPE_HEADER_OVERFLOW') return httpHeadersTooLarge({ cause: 'more than 16 KiB' })
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return httpRequestTimeout({ cause: 'too slow' })
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') {
    return httpMessageMalformed({ cause: 'chunk extensions are too long' })
  }
  return httpMessageMalformed({ cause: (reason ?? message ?? 'no HTTP').slice(0, 120) })
}

function formatAnswer(error: BanyanError, span: Span): string {
  const status = statusOf(error)
  const { traceId } = span
  const body = formatProblem(error, { traceId, instance: '', isDeclared: false })
  return [
    `HTTP/1.1 ${status} ${titleOf(status)}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    `Trace-Id: ${traceId}`,
    'X-Content-Type-Options: nosniff',
    'Connection: close',
    '',
    body,
  ].join('\r\n')
}

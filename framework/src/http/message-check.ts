import type { IncomingMessage } from 'node:http'
import type { BanyanError } from '../kernel/index.ts'
import { httpHeadersTooLarge, httpMessageMalformed } from './errors.ts'
import { claimRequestLine } from './request-line.ts'

/** Header lines that a request may have. */
export const headersMax = 100

/** Headers whose repetition would leave two readers with two different requests. */
const singles: ReadonlyMap<string, number> = new Map(
  [
    'host',
    'expect',
    'content-type',
    'content-length',
    'content-encoding',
    'transfer-encoding',
    'authorization',
    'idempotency-key',
    'request-timeout',
    'x-request-timeout-ms',
    'traceparent',
    'origin',
  ].map((name, index) => [name, 1 << index]),
)
const singleLengths: readonly boolean[] = Array.from({ length: 64 }, (_, length) =>
  [...singles.keys()].some((name) => name.length === length),
)

const hostPattern =
  /^(?:\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9](?:[A-Za-z0-9._~-]{0,252}[A-Za-z0-9.])?)(?::\d{1,5})?$/
const hopHeader =
  /(?:^|[,\s])(?:host|content-length|transfer-encoding|authorization|idempotency-key|expect|trailer)(?:$|[,\s])/i

/** What an HTTP/1.1 message may get wrong that Node's parser forgives; undefined when nothing.
 *  Cost: one pass over the header names, about 0.2 µs. */
export function findMessageError(request: IncomingMessage): BanyanError | undefined {
  const { rawHeaders } = request
  if (rawHeaders.length > headersMax * 2) {
    return httpHeadersTooLarge({ cause: `more than ${headersMax} header lines` })
  }
  const cause =
    findRepeated(rawHeaders) ??
    findVersionError(request) ??
    findHostError(request) ??
    findConnectionError(request)
  if (cause !== undefined) return httpMessageMalformed({ cause })
  if (!claimRequestLine(request.socket, request.method ?? '', rawUrl(request))) {
    return httpMessageMalformed({ cause: 'the request line has more than single spaces' })
  }
  return undefined
}

function findRepeated(rawHeaders: readonly string[]): string | undefined {
  let seen = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? ''
    if (singleLengths[name.length] !== true) continue
    const lower = name.toLowerCase()
    const bit = singles.get(lower)
    if (bit === undefined) {
      if (lower === 'content_length' || lower === 'transfer_encoding') return `a header ${lower}`
      continue
    }
    if ((seen & bit) !== 0) return `two ${lower} headers`
    seen |= bit
  }
  return undefined
}

function findVersionError(request: IncomingMessage): string | undefined {
  if (request.httpVersion === '1.1') return undefined
  if (request.httpVersion !== '1.0') return `the version HTTP/${request.httpVersion}`
  return request.headers['transfer-encoding'] === undefined
    ? undefined
    : 'a Transfer-Encoding in HTTP/1.0'
}

function findHostError(request: IncomingMessage): string | undefined {
  const { host } = request.headers
  if (host === undefined) return request.httpVersion === '1.0' ? undefined : 'no Host header'
  if (!hostPattern.test(host)) return 'a bad Host header'
  const url = rawUrl(request)
  if (url.includes('#')) return 'a target with a fragment'
  return url.charCodeAt(0) === 0x2f ? undefined : findTargetError(request, url, host)
}

/** Targets other than `/path`: `*` for OPTIONS, and absolute ones that agree with Host. */
function findTargetError(request: IncomingMessage, url: string, host: string): string | undefined {
  if (url === '*') return request.method === 'OPTIONS' ? undefined : 'the target * with this method'
  const authority = /^https?:\/\/([^/?#]*)/i.exec(url)?.[1]
  if (authority === undefined) return 'a target that is neither a path nor an absolute URI'
  return authority.toLowerCase() === host.toLowerCase()
    ? undefined
    : 'a target whose authority is not that of Host'
}

function findConnectionError(request: IncomingMessage): string | undefined {
  const { connection, expect } = request.headers
  if (expect !== undefined && expect.toLowerCase() !== '100-continue') return 'an unknown Expect'
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') {
    return undefined
  }
  return hopHeader.test(connection) ? 'a Connection header that names a framing header' : undefined
}

/** Trailer fields that would change how the message was read. */
export function findTrailerError(request: IncomingMessage): BanyanError | undefined {
  const { rawTrailers } = request
  for (let index = 0; index < rawTrailers.length; index += 2) {
    const name = (rawTrailers[index] ?? '').toLowerCase()
    if (singles.has(name) || name === 'connection' || name === 'trailer') {
      return httpMessageMalformed({ cause: `a ${name} field in the trailer` })
    }
  }
  return undefined
}

/** The target as it came in; hosts such as Express rewrite `url` and keep the original. */
export function rawUrl(request: IncomingMessage): string {
  const { originalUrl } = request as IncomingMessage & { readonly originalUrl?: unknown }
  return typeof originalUrl === 'string' ? originalUrl : (request.url ?? '')
}

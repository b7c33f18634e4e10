import { parseDurationMs } from '../kernel/index.ts'
import {
  httpAuthorizationInvalid,
  httpContentEncodingUnsupported,
  httpContentTypeUnsupported,
  httpIdempotencyKeyInvalid,
  httpTimeoutHeaderInvalid,
} from './errors.ts'

type HeaderValue = string | readonly string[] | undefined

const json = /^application\/json[ \t]*(?:;[ \t]*charset[ \t]*=[ \t]*(?:utf-8|"utf-8")[ \t]*)?$/i

/** Refuses a body that is not JSON in UTF-8, or that is compressed: a small compressed body can
 *  unpack to gigabytes, and no client of an API needs it.
 *  @throws HTTP_CONTENT_TYPE_UNSUPPORTED · HTTP_CONTENT_ENCODING_UNSUPPORTED */
export function assertJsonContent(contentType: HeaderValue, contentEncoding: HeaderValue): void {
  if (contentType !== 'application/json' && !json.test(String(contentType ?? ''))) {
    throw httpContentTypeUnsupported({ contentType: excerpt(String(contentType ?? '')) })
  }
  if (contentEncoding === undefined || contentEncoding === 'identity') return
  throw httpContentEncodingUnsupported({ contentEncoding: excerpt(String(contentEncoding)) })
}

const bearer = /^Bearer ([A-Za-z0-9._~+/-]+=*)$/i
const tokenCharsMax = 8 * 1024

/** The token of an Authorization header.
 *  @throws HTTP_AUTHORIZATION_INVALID for another scheme or a malformed token. */
export function parseBearer(header: string): string {
  if (header.length > tokenCharsMax) {
    throw httpAuthorizationInvalid({ cause: `is longer than ${tokenCharsMax} characters` })
  }
  const token = bearer.exec(header)?.[1]
  if (token === undefined) throw httpAuthorizationInvalid({ cause: 'is not a bearer token' })
  return token
}

const bareKey = /^[\x21\x23-\x2b\x2d-\x7e]{1,255}$/
const quotedKey = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])+)"$/

/** The key of an Idempotency-Key header, bare or as a quoted structured-field string.
 *  @throws HTTP_IDEMPOTENCY_KEY_INVALID
 *  Source: draft-ietf-httpapi-idempotency-key-header-07. */
export function parseIdempotencyKey(header: HeaderValue): string {
  const text = String(header)
  if (bareKey.test(text)) return text
  const quoted = quotedKey.exec(text)?.[1]?.replace(/\\(.)/g, '$1')
  if (quoted !== undefined && quoted.length <= 255) return quoted
  const length = text.replace(/^"|"$/g, '').length
  if (length === 0) throw httpIdempotencyKeyInvalid({ cause: 'is empty' })
  if (length > 255) throw httpIdempotencyKeyInvalid({ cause: `has ${length} characters` })
  throw httpIdempotencyKeyInvalid({ cause: 'is not one key of printable ASCII characters' })
}

const timeoutMsMax = 600_000

/** How long the client will wait, in milliseconds, or undefined when it did not say.
 *  `Request-Timeout` takes a duration (`250ms`, `2s`), `X-Request-Timeout-Ms` whole milliseconds.
 *  @throws HTTP_TIMEOUT_HEADER_INVALID for a malformed one, for 0 and > 10 min, and for both. */
export function parseTimeoutMs(
  duration: HeaderValue,
  milliseconds: HeaderValue,
): number | undefined {
  if (duration === undefined && milliseconds === undefined) return undefined
  const header = milliseconds === undefined ? 'Request-Timeout' : 'X-Request-Timeout-Ms'
  const value = String(milliseconds ?? duration)
  let timeoutMs = Number.NaN
  if (milliseconds === undefined) timeoutMs = tryDurationMs(value)
  else if (duration === undefined && /^[1-9]\d{0,8}$/.test(value)) timeoutMs = Number(value)
  if (timeoutMs >= 1 && timeoutMs <= timeoutMsMax) return timeoutMs
  throw httpTimeoutHeaderInvalid({ header, value: excerpt(value) })
}

function tryDurationMs(text: string): number {
  try {
    return /^\d/.test(text) ? parseDurationMs(text) : Number.NaN
  } catch {
    return Number.NaN
  }
}

function excerpt(text: string): string {
  return text.length > 64 ? `${text.slice(0, 64)}…` : text
}

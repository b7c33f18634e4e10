import { STATUS_CODES } from 'node:http'
import { type BanyanError, kindRules } from '../kernel/index.ts'

/** Codes whose HTTP status says more than that of their kind. */
const statusOfCode: ReadonlyMap<string, number> = new Map([
  ['DATA_IDEMPOTENCY_MISMATCH', 422],
  // Kind unavailable, so that the same key is tried again; the IETF draft says 409.
  ['DATA_IDEMPOTENCY_IN_FLIGHT', 409],
  ['HTTP_METHOD_NOT_ALLOWED', 405],
  ['HTTP_REQUEST_TIMEOUT', 408],
  ['HTTP_BODY_TOO_LARGE', 413],
  ['HTTP_CONTENT_TYPE_UNSUPPORTED', 415],
  ['HTTP_CONTENT_ENCODING_UNSUPPORTED', 415],
  ['HTTP_HEADERS_TOO_LARGE', 431],
])

/** The HTTP status of an error: by its kind, unless its code has one of its own. */
export function statusOf(error: BanyanError): number {
  return statusOfCode.get(error.code) ?? kindRules[error.kind].status
}

/** The status in words, as problem details title it. */
export function titleOf(status: number): string {
  return status === 499 ? 'Client Closed Request' : (STATUS_CODES[status] ?? 'Error')
}

import type { BanyanError } from '../kernel/index.ts'
import { statusOf, titleOf } from './status.ts'

/** What a problem is about, besides the error. */
export interface ProblemPlace {
  readonly traceId: string
  /** Path of the request, without the query string. */
  readonly instance: string
  /** Whether the contract declares the failure, so that its details belong to the caller. */
  readonly isDeclared: boolean
}

/** An error as RFC 9457 problem details. The `type` is `urn:banyan:<CODE>`; `code`, `traceId`, `fix`,
 *  `errors` (places of an invalid input) and `details` (of declared failures) are extensions.
 *  A bug keeps its code and its trace id; its message, fix and details stay in the process. */
export function formatProblem(error: BanyanError, place: ProblemPlace): string {
  const status = statusOf(error)
  const isBug = error.kind === 'bug'
  const issues: unknown = error.details['issues']
  const problem = {
    type: `urn:banyan:${error.code}`,
    title: titleOf(status),
    status,
    detail: isBug ? 'an internal error; the logs have it under the trace id' : error.message,
    instance: place.instance,
    code: error.code,
    traceId: place.traceId,
    fix: isBug || error.fix === '' ? undefined : error.fix,
    errors: !isBug && error.kind === 'invalid' && Array.isArray(issues) ? issues : undefined,
    details: place.isDeclared && !isBug ? error.details : undefined,
  }
  return JSON.stringify(problem, wireForm)
}

/** Domain values as the contract's wire form writes them. */
function wireForm(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Map || value instanceof Set) return [...value]
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  return value
}

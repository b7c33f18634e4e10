import type { BanyanError, ErrorKind } from '../kernel/index.ts'
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
 *  What was written for operators (a bug, an address, a constraint) keeps its code and its trace id;
 *  its message, fix and details stay in the process. */
export function formatProblem(error: BanyanError, place: ProblemPlace): string {
  const status = statusOf(error)
  const isTold = place.isDeclared || isForCallers(error)
  const issues: unknown = error.details['issues']
  const problem = {
    type: `urn:banyan:${error.code}`,
    title: titleOf(status),
    status,
    detail: isTold ? error.message : inGeneral[error.kind],
    instance: place.instance,
    code: error.code,
    traceId: place.traceId,
    fix: isTold && error.fix !== '' ? error.fix : undefined,
    errors: isTold && error.kind === 'invalid' && Array.isArray(issues) ? issues : undefined,
    details: place.isDeclared ? error.details : undefined,
  }
  return JSON.stringify(problem, wireForm)
}

/** Codes whose messages speak of the request; the others speak of the inside. */
const callerCodes = /^(HTTP|IDENTITY|DATA_IDEMPOTENCY|CALL(?!_FETCH))_/

/** Whether an error's own words may leave the process. */
export function isForCallers({ code, kind }: BanyanError): boolean {
  return kind !== 'bug' && callerCodes.test(code)
}

/** What a caller may know of an error that was written for operators. */
const inGeneral: Readonly<Record<ErrorKind, string>> = {
  invalid: 'the request cannot be carried out as it is',
  unauthenticated: 'the caller is not known',
  forbidden: 'the caller may not do this',
  not_found: 'there is no such thing',
  conflict: 'the request conflicts with what is there',
  exhausted: 'too much is asked for at once; try again later',
  unavailable: 'something that is needed does not answer; try again later',
  unknown_outcome: 'it may have happened; ask again with the same Idempotency-Key',
  cancelled: 'the request was given up',
  bug: 'an internal error; the logs have it under the trace id',
}

/** Domain values as the contract's wire form writes them. */
function wireForm(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Map || value instanceof Set) return [...value]
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  return value
}

import type { HttpMethod } from '../route.ts'
import type { Operation } from '../operation.ts'

/** Codes that the platform itself may answer with, by HTTP status. A table, because the rooms that
 *  throw them stand above this one; a test holds it against their error tables. */
export type CodesByStatus = ReadonlyMap<number, readonly string[]>

const everywhere: readonly (readonly [number, string])[] = [
  [400, 'CALL_INPUT_INVALID'],
  [400, 'HTTP_TIMEOUT_HEADER_INVALID'],
  [401, 'HTTP_AUTHORIZATION_INVALID'],
  [401, 'IDENTITY_TOKEN_INVALID'],
  [401, 'IDENTITY_TOKEN_EXPIRED'],
  [429, 'DATA_POOL_EXHAUSTED'],
  [503, 'CALL_OVERLOADED'],
  [503, 'DATA_UNAVAILABLE'],
  [503, 'DATA_DEADLINE_EXCEEDED'],
]
const withParameters: readonly (readonly [number, string])[] = [
  [400, 'HTTP_PATH_INVALID'],
  [400, 'HTTP_FIELD_DUPLICATED'],
]
const withQuery: readonly (readonly [number, string])[] = [
  [400, 'HTTP_QUERY_INVALID'],
  [400, 'HTTP_BODY_UNEXPECTED'],
]
const withBody: readonly (readonly [number, string])[] = [
  [400, 'HTTP_BODY_INVALID'],
  [408, 'HTTP_REQUEST_TIMEOUT'],
  [413, 'HTTP_BODY_TOO_LARGE'],
  [415, 'HTTP_CONTENT_TYPE_UNSUPPORTED'],
  [415, 'HTTP_CONTENT_ENCODING_UNSUPPORTED'],
]
const ofQueries: readonly (readonly [number, string])[] = [[503, 'CALL_DEADLINE_EXCEEDED']]
const ofCommands: readonly (readonly [number, string])[] = [
  [400, 'HTTP_IDEMPOTENCY_KEY_INVALID'],
  [409, 'DATA_IDEMPOTENCY_IN_FLIGHT'],
  [422, 'DATA_IDEMPOTENCY_MISMATCH'],
  [503, 'DATA_TRANSACTION_CONTENDED'],
  [503, 'DATA_ROW_LOCKED'],
  [504, 'CALL_OUTCOME_UNKNOWN'],
  [504, 'DATA_OUTCOME_UNKNOWN'],
]

/** The platform's codes that an operation on a route may answer with, besides bugs. */
export function platformCodesOf(
  operation: Operation,
  route: { readonly method: HttpMethod; readonly hasParameters: boolean },
): CodesByStatus {
  const takesBody = route.method !== 'GET' && route.method !== 'DELETE'
  const rows = [
    ...everywhere,
    ...(route.hasParameters ? withParameters : []),
    ...(takesBody ? withBody : withQuery),
    ...(operation.kind === 'query' ? ofQueries : ofCommands),
    ...accessCodes(operation),
  ]
  if (operation.idempotency === 'required') rows.push([400, 'HTTP_IDEMPOTENCY_KEY_MISSING'])
  const codes = new Map<number, string[]>()
  for (const [status, code] of rows) codes.set(status, [...(codes.get(status) ?? []), code].sort())
  return codes
}

function accessCodes({ access }: Operation): readonly (readonly [number, string])[] {
  if (access === 'public') return []
  if (access === 'signed-in') return [[401, 'CALL_UNAUTHENTICATED']]
  return [
    [401, 'CALL_UNAUTHENTICATED'],
    [403, 'CALL_FORBIDDEN'],
  ]
}

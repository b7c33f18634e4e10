import { kindRules } from '../../kernel/index.ts'
import type { Contract } from '../contract.ts'
import { fileAnswer } from '../file-answer.ts'
import type { JsonSchema } from '../json-schema-tree.ts'
import type { Operation } from '../operation.ts'
import type { Route } from '../route.ts'
import { type Components, reference } from './components.ts'
import { pascal } from './names.ts'
import { platformCodesOf } from './platform-codes.ts'

/** An operation at its place in a document. */
export interface Place {
  readonly contract: Contract
  readonly name: string
  readonly operation: Operation
  readonly route: Route
  /** `InventoryReserve`, from which its schemas are named. */
  readonly title: string
}

/** RFC 9457 problem details with the platform's extensions, as the http room writes them. */
export const problemSchema: JsonSchema = {
  type: 'object',
  description: 'RFC 9457 problem details.',
  properties: {
    type: { type: 'string', format: 'uri', description: 'urn:banyan:<code>' },
    title: { type: 'string' },
    status: { type: 'integer', minimum: 400, maximum: 599 },
    detail: { type: 'string' },
    instance: { type: 'string', description: 'Path of the request.' },
    code: { type: 'string', description: 'Stable name of the error; decide by it.' },
    traceId: { type: 'string', pattern: '^[0-9a-f]{32}$' },
    fix: { type: 'string', description: 'The next step.' },
    errors: {
      type: 'array',
      description: 'Places of an invalid input.',
      items: {
        type: 'object',
        properties: {
          path: { type: 'string' },
          code: { type: 'string' },
          message: { type: 'string' },
        },
        required: ['path', 'code', 'message'],
      },
    },
  },
  required: ['type', 'title', 'status', 'detail', 'instance', 'code', 'traceId'],
}

/** The name of the component that describes a declared failure's problem. */
export function failureTitle(contract: Contract, failure: string): string {
  return `${pascal(contract.name)}${pascal(failure)}Problem`
}

/** Everything an operation may answer with, by status. */
export function responsesOf(place: Place, components: Components): Record<string, JsonSchema> {
  const { operation, route } = place
  const responses: [number, JsonSchema][] = [successOf(place, components)]
  if (operation.kind === 'query') {
    responses.push([304, { description: 'The answer that If-None-Match names is still current.' }])
  }
  const hasParameters = route.segments.some(({ type }) => type === 'parameter')
  const platform = platformCodesOf(operation, { method: route.method, hasParameters })
  const failures = failuresByStatus(place)
  const statuses = new Set([...platform.keys(), ...failures.keys()])
  for (const status of statuses) {
    const declared = failures.get(status) ?? []
    const response = problemResponse(status, declared, platform.get(status) ?? [])
    const isShared = declared.length === 0
    responses.push([
      status,
      isShared ? components.responseOf(`Problem${status}`, response) : response,
    ])
  }
  responses.push([500, components.responseOf('Problem500', problemResponse(500, [], []))])
  // numeric keys of an object are in ascending order by themselves
  return Object.fromEntries(responses)
}

function successOf(place: Place, components: Components): [number, JsonSchema] {
  const { operation, title } = place
  const status = operation.status ?? 200
  const headers = operation.kind === 'query' ? { headers: { ETag: header('ETag') } } : {}
  if (status === 204) return [status, { description: 'Done.', ...headers }]
  if (operation.output === fileAnswer) {
    const schema = { type: 'string', format: 'binary' }
    return [status, { description: 'Done.', ...headers, content: { '*/*': { schema } } }]
  }
  const root = { schema: operation.output, name: `${title}Output` }
  const schema = components.schemaOf(root, 'output')
  const content = { 'application/json': { schema } }
  return [status, { description: 'Done.', ...headers, content }]
}

function failuresByStatus({ contract, operation }: Place): ReadonlyMap<number, readonly string[]> {
  const byStatus = new Map<number, string[]>()
  for (const name of operation.failures ?? []) {
    const kind = contract.failures[name]?.kind
    if (kind === undefined) continue
    const { status } = kindRules[kind]
    byStatus.set(status, [...(byStatus.get(status) ?? []), failureTitle(contract, name)])
  }
  return byStatus
}

function problemResponse(
  status: number,
  failures: readonly string[],
  codes: readonly string[],
): JsonSchema {
  const options = [...failures.map(reference), ...platformProblems(failures, codes)]
  const schema = options.length === 1 ? options[0] : { anyOf: options }
  const waits = status === 429 || status === 503
  return {
    description: descriptions[status] ?? 'A problem.',
    ...(waits ? { headers: { 'Retry-After': header('Retry-After') } } : {}),
    content: { 'application/problem+json': { schema } },
  }
}

function platformProblems(
  failures: readonly string[],
  codes: readonly string[],
): readonly JsonSchema[] {
  if (codes.length > 0) {
    const narrowed = { properties: { code: { enum: codes } } }
    return [{ allOf: [reference('Problem'), narrowed] }]
  }
  return failures.length === 0 ? [reference('Problem')] : []
}

const descriptions: Readonly<Record<number, string>> = {
  400: 'The request is not valid.',
  401: 'The caller has not proved who it is.',
  403: 'The caller may not do this.',
  404: 'There is no such thing.',
  408: 'The request did not arrive in time.',
  409: 'The state of things does not allow it.',
  413: 'The body is too large.',
  415: 'The body is not JSON.',
  422: 'The Idempotency-Key was used with another request.',
  429: 'A limit is exhausted; wait.',
  500: 'A bug; the logs have it under the trace id.',
  503: 'Not available now; nothing was changed.',
  504: 'It may have happened; ask again with the same Idempotency-Key.',
}

function header(name: string): JsonSchema {
  return { $ref: `#/components/headers/${name}` }
}

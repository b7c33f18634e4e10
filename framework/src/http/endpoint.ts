import type { CompiledOperation } from '../call/index.ts'
import { fileAnswer, type RouteSegment } from '../contract/index.ts'
import type { Histogram, Metrics, SpanName, Tracer } from '../telemetry/index.ts'
import { httpParameterUnknown } from './errors.ts'

type ParameterType = 'text' | 'number' | 'boolean'

/** A parameter of the path, and how its text becomes the JSON value of the input's field. */
interface PathParameter {
  readonly name: string
  readonly type: ParameterType
}

/** One public operation, with everything about it that a request can reuse. */
export class Endpoint {
  readonly operation: CompiledOperation
  readonly method: string
  readonly path: string
  readonly name: string
  readonly segments: readonly RouteSegment[]
  readonly isCommand: boolean
  /** Whether fields come as a JSON body rather than in the query string. */
  readonly takesBody: boolean
  readonly needsKey: boolean
  readonly isPublic: boolean
  readonly status: number
  /** Whether the body of an answer is a file rather than JSON. */
  readonly answersFile: boolean
  readonly parameters: readonly PathParameter[]
  readonly spanName: SpanName
  readonly bodyBytesMax: number
  readonly #failureCodes: ReadonlySet<string>
  readonly #durations: Durations

  constructor(
    operation: CompiledOperation,
    route: NonNullable<CompiledOperation['route']>,
    options: { readonly tracer: Tracer; readonly metrics: Metrics; readonly bodyBytesMax: number },
  ) {
    const { declared } = operation
    this.operation = operation
    this.method = route.method
    this.path = route.path
    this.name = operation.id
    this.segments = route.segments
    this.isCommand = declared.kind === 'command'
    this.takesBody = route.method !== 'GET' && route.method !== 'DELETE'
    this.needsKey = this.isCommand && declared.idempotency === 'required'
    this.isPublic = declared.access === 'public'
    this.status = declared.status ?? 200
    this.answersFile = declared.output === fileAnswer
    this.parameters = readParameters(operation, route)
    this.spanName = options.tracer.name(`${route.method} ${route.path}`)
    this.bodyBytesMax = declared.bodyBytesMax ?? options.bodyBytesMax
    this.#failureCodes = new Set(
      (declared.failures ?? []).map((name) => failureCode(operation.module, name)),
    )
    this.#durations = new Durations(options.metrics, operation.id, route)
  }

  declares(code: string): boolean {
    return this.#failureCodes.has(code)
  }

  record(status: number, durationMs: number): void {
    this.#durations.observe(status, durationMs)
  }
}

/** Latency histograms of one route, one per status seen. */
export class Durations {
  readonly #metrics: Metrics
  readonly #labels: Readonly<Record<string, string>>
  readonly #byStatus = new Map<number, Histogram>()

  constructor(
    metrics: Metrics,
    operation: string,
    route: { readonly method: string; readonly path: string },
  ) {
    this.#metrics = metrics
    this.#labels = {
      operation,
      http_request_method: route.method,
      http_route: route.path,
    }
  }

  observe(status: number, durationMs: number): void {
    const known = this.#byStatus.get(status) ?? this.#create(status)
    known.observe(durationMs / 1_000)
  }

  #create(status: number): Histogram {
    const histogram = this.#metrics.histogram(
      'http_server_request_duration_seconds',
      'Time from a parsed request head to the answer, by operation and status.',
      { ...this.#labels, http_response_status_code: String(status) },
    )
    this.#byStatus.set(status, histogram)
    return histogram
  }
}

function readParameters(
  operation: CompiledOperation,
  route: NonNullable<CompiledOperation['route']>,
): readonly PathParameter[] {
  const names = route.segments.flatMap((segment) =>
    segment.type === 'parameter' ? [segment.name] : [],
  )
  if (names.length === 0) return []
  const input = operation.input.jsonSchema('input')
  return names.map((name) => {
    const schema = findField(input, name, input)
    if (schema === undefined)
      throw httpParameterUnknown({ operation: operation.id, parameter: name })
    return { name, type: parameterType(fieldOf(schema, 'type')) }
  })
}

/** The schema of a field of the input; a union or an intersection is searched part by part. */
function findField(schema: unknown, name: string, root: unknown): unknown {
  const reference = fieldOf(schema, '$ref')
  if (typeof reference === 'string') {
    const definition = /^#\/\$defs\/([^/]+)$/.exec(reference)?.[1] ?? ''
    return findField(fieldOf(fieldOf(root, '$defs'), definition), name, root)
  }
  const own = fieldOf(fieldOf(schema, 'properties'), name)
  if (own !== undefined) return own
  for (const keyword of ['allOf', 'oneOf', 'anyOf']) {
    const parts = fieldOf(schema, keyword)
    if (!Array.isArray(parts)) continue
    for (const part of parts) {
      const found = findField(part, name, root)
      if (found !== undefined) return found
    }
  }
  return undefined
}

function parameterType(type: unknown): ParameterType {
  if (type === 'number' || type === 'integer') return 'number'
  return type === 'boolean' ? 'boolean' : 'text'
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  return (value as Readonly<Record<string, unknown>>)[name]
}

/** The code that a contract gives its failure, as `bindFailure` builds it. */
function failureCode(module: string, name: string): string {
  const snake = (text: string): string => text.replace(/([a-z0-9])([A-Z])/g, '$1_$2')
  return `${snake(module)}_${snake(name)}`.toUpperCase()
}

const numberText = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

/** The JSON value that a path parameter's text stands for; text that is no such value stays text,
 *  so that the schema names what is wrong. */
export function readParameter(parameter: PathParameter, text: string): unknown {
  if (parameter.type === 'number' && numberText.test(text)) return Number(text)
  if (parameter.type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  return text
}

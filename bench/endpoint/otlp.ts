/** Reads OTLP trace exports (opentelemetry-proto v1) just far enough to count and relate spans, in
 *  both encodings of OTLP/HTTP: binary protobuf and JSON. */

export type SpanSeen = {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string
  readonly name: string
  readonly kind: number
}

/** SPAN_KIND_SERVER of opentelemetry-proto. */
export const serverKind = 2

export function decodeSpans(body: Buffer, contentType: string): SpanSeen[] {
  if (contentType.includes('json')) return spansOfJson(JSON.parse(body.toString('utf8')))
  return spansOfProtobuf(body)
}

/** Counts without decoding: the sink shares a core with the load, so it must stay cheap. */
export function countSpans(body: Buffer, contentType: string): number {
  if (!contentType.includes('json')) {
    let count = 0
    for (const _span of spanRanges(body)) count += 1
    return count
  }
  // `parentSpanId` does not match: the quote precedes the name. Links would, and no server has any.
  let count = 0
  for (let at = body.indexOf('"spanId"'); at !== -1; at = body.indexOf('"spanId"', at + 8)) {
    count += 1
  }
  return count
}

type Field = {
  readonly number: number
  readonly start: number
  readonly end: number
  readonly varint: number
}

/** The fields of one protobuf message: their numbers and where their contents lie. */
function* fieldsOf(body: Buffer, start: number, end: number): Generator<Field> {
  let at = start
  const varint = (): number => {
    let value = 0
    let scale = 1
    for (;;) {
      const byte = body[at] ?? 0
      at += 1
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
      scale *= 128
    }
  }
  while (at < end) {
    const tag = varint()
    const number = Math.floor(tag / 8)
    const wire = tag % 8
    const value = wire === 0 || wire === 2 ? varint() : 0
    const from = at
    if (wire === 2) at += value
    else if (wire === 1) at += 8
    else if (wire === 5) at += 4
    else if (wire !== 0) throw new Error(`protobuf wire type ${wire} at byte ${from}`)
    yield { number, start: from, end: at, varint: value }
  }
}

/** ExportTraceServiceRequest.resource_spans(1) → scope_spans(2) → spans(2). */
function* spanRanges(body: Buffer): Generator<Field> {
  for (const resource of fieldsOf(body, 0, body.length)) {
    if (resource.number !== 1) continue
    for (const scope of fieldsOf(body, resource.start, resource.end)) {
      if (scope.number !== 2) continue
      for (const span of fieldsOf(body, scope.start, scope.end)) {
        if (span.number === 2) yield span
      }
    }
  }
}

function spansOfProtobuf(body: Buffer): SpanSeen[] {
  const spans: SpanSeen[] = []
  for (const range of spanRanges(body)) {
    const seen = { traceId: '', spanId: '', parentSpanId: '', name: '', kind: 0 }
    for (const field of fieldsOf(body, range.start, range.end)) {
      const content = body.subarray(field.start, field.end)
      if (field.number === 1) seen.traceId = content.toString('hex')
      else if (field.number === 2) seen.spanId = content.toString('hex')
      else if (field.number === 4) seen.parentSpanId = content.toString('hex')
      else if (field.number === 5) seen.name = content.toString('utf8')
      else if (field.number === 6) seen.kind = field.varint
    }
    spans.push(seen)
  }
  return spans
}

function spansOfJson(message: unknown): SpanSeen[] {
  const spans: SpanSeen[] = []
  for (const resource of listOf(message, 'resourceSpans')) {
    for (const scope of listOf(resource, 'scopeSpans')) {
      for (const span of listOf(scope, 'spans')) spans.push(spanOfJson(span))
    }
  }
  return spans
}

/** One span of OTLP's JSON encoding. */
export function spanOfJson(span: unknown): SpanSeen {
  const text = (key: string): string => {
    const value = valueOf(span, key)
    return typeof value === 'string' ? value : ''
  }
  const kind = valueOf(span, 'kind')
  return {
    traceId: text('traceId').toLowerCase(),
    spanId: text('spanId').toLowerCase(),
    parentSpanId: text('parentSpanId').toLowerCase(),
    name: text('name'),
    kind: kind === 'SPAN_KIND_SERVER' ? serverKind : Number(kind ?? 0),
  }
}

function valueOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}

function listOf(value: unknown, key: string): readonly unknown[] {
  const list = valueOf(value, key)
  return Array.isArray(list) ? list : []
}

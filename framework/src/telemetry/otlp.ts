import { type SpanRecord, spanKind } from './span-ring.ts'

/** Spans as an OTLP/HTTP JSON `ExportTraceServiceRequest` (OTLP 1.x, JSON Protobuf encoding). */
export function encodeOtlpTraces(service: string, spans: readonly SpanRecord[]): string {
  const head = `{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":${JSON.stringify(service)}}}]},"scopeSpans":[{"scope":{"name":"banyan"},"spans":[`
  return `${head}${spans.map(encodeSpan).join(',')}]}]}]}`
}

function encodeSpan(span: SpanRecord): string {
  const parent = span.parentSpanId === '' ? '' : `,"parentSpanId":"${span.parentSpanId}"`
  const code = span.errorCode === '' ? 0 : 2
  return `{"traceId":"${span.traceId}","spanId":"${span.spanId}"${parent},"name":${JSON.stringify(span.name)},"kind":${span.kind},"startTimeUnixNano":"${nanos(span.startEpochMs)}","endTimeUnixNano":"${nanos(span.startEpochMs + span.durationMs)}","attributes":[${attributes(span)}],"status":{"code":${code}}}`
}

function attributes(span: SpanRecord): string {
  const list: string[] = []
  if (span.kind === spanKind.server && span.status > 0) {
    list.push(`{"key":"http.response.status_code","value":{"intValue":"${span.status}"}}`)
  }
  if (span.errorCode !== '') {
    list.push(`{"key":"error.type","value":{"stringValue":${JSON.stringify(span.errorCode)}}}`)
  }
  return list.join(',')
}

function nanos(epochMs: number): string {
  const whole = Math.floor(epochMs)
  const rest = Math.round((epochMs - whole) * 1e6)
  return `${BigInt(whole) * 1_000_000n + BigInt(rest)}`
}

/**
 * Telemetry: what a runtime records about itself. Spans in a ring, metrics in Prometheus text, logs
 * as NDJSON with pino's field names; OTLP protobuf is written from the ring when spans leave. Recording never waits and
 * never fails a request: rings overwrite, slow sinks drop and count. Not for business audit trails.
 */
export { createFileSink, createMemorySink, type LogSink } from './log-sink.ts'
export { type AccessEntry, Logs } from './logs.ts'
export { Counter, Histogram, type Labels, latencyBoundsSeconds, Metrics } from './metrics.ts'
export { OtlpEncoder, type SpanSource } from './otlp.ts'
export { type SpanKind, type SpanRecord, SpanRing, spanKind } from './span-ring.ts'
export { createTelemetry, type Telemetry, type TelemetryOptions } from './telemetry.ts'
export { readTrace, writeTrace } from './trace-bytes.ts'
export { Span, type SpanName, Tracer, type TracerOptions } from './tracer.ts'

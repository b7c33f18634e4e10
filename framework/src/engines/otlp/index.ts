/**
 * OTLP: sends finished spans to an OpenTelemetry collector over HTTP with protobuf. Not for metrics
 * (scraped as Prometheus text) or logs (standard output). Promise: it never slows a request.
 */
export {
  startTraceExporter,
  type TraceExporter,
  type TraceExporterOptions,
} from './trace-exporter.ts'

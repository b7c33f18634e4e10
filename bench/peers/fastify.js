// Fastify with OpenTelemetry's automatic instrumentation of node:http, as its guide shows.
// @fastify/otel would add two more spans per request; the child span is made by hand instead:
// the duty is one server span and one child, and this is the cheaper way to it.
import { trace } from '@opentelemetry/api'
import { serveFastify } from './fastify-app.js'

const tracer = trace.getTracer('orders')

await serveFastify({
  begin: () => ({ traceId: trace.getActiveSpan()?.spanContext().traceId }),
  child: (_request, name, work) =>
    tracer.startActiveSpan(name, (span) => {
      try {
        return work()
      } finally {
        span.end()
      }
    }),
  end: () => {},
})

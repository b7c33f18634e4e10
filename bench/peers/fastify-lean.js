// Fastify with all the duties, but the server span made by hand in a hook instead of by the
// instrumentation of node:http: the fastest way to the same spans that we know of.
import { propagation, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api'
import { serveFastify } from './fastify-app.js'

const tracer = trace.getTracer('orders')

await serveFastify({
  begin(request) {
    const incoming = propagation.extract(ROOT_CONTEXT, request.headers)
    const attributes = { 'http.request.method': request.method, 'url.path': request.url }
    const span = tracer.startSpan('POST /orders', { kind: SpanKind.SERVER, attributes }, incoming)
    return {
      span,
      context: trace.setSpan(incoming, span),
      traceId: span.spanContext().traceId,
    }
  },
  child(request, name, work) {
    const span = tracer.startSpan(name, {}, request.tracing.context)
    try {
      return work()
    } finally {
      span.end()
    }
  },
  end(request, reply) {
    const { span } = request.tracing
    span.setAttribute('http.route', '/orders')
    span.setAttribute('http.response.status_code', reply.statusCode)
    span.end()
  },
})

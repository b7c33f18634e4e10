// The Fastify application with every duty, done as the guides of Fastify, @fastify/jwt, pino and
// prom-client show. `tracing` says who makes the server span: see fastify.js and fastify-lean.js.
import fastifyJwt from '@fastify/jwt'
import Fastify, { LogController } from 'fastify'
import pino from 'pino'
import { Histogram, register } from 'prom-client'
import { priceOrder } from '../endpoint/order.ts'
import { orderReplySchema, orderRequestSchema } from './order-json-schema.js'
import { announce, logPath, tokenAudience, tokenIssuer, tokenSecret } from './settings.js'
import { stopTelemetry } from './telemetry.js'

const duration = new Histogram({
  name: 'http_request_duration_seconds',
  help: 'Time from the first header to the end of the answer',
  labelNames: ['method', 'route', 'status_code'],
})

/** Serves until SIGTERM. `tracing`: begin(request), child(request, work), end(request, reply). */
export async function serveFastify(tracing) {
  // Buffered and asynchronous: pino's own advice for throughput.
  const destination = pino.destination({ dest: logPath, sync: false, minLength: 4096 })
  // Fastify's own two lines per request are replaced by one: cheaper for Fastify.
  const app = Fastify({
    logger: { level: 'info', stream: destination },
    logController: new LogController({ disableRequestLogging: true }),
  })
  await app.register(fastifyJwt, {
    secret: tokenSecret,
    verify: {
      algorithms: ['HS256'],
      allowedIss: tokenIssuer,
      allowedAud: tokenAudience,
      cache: 4_096,
    },
  })
  app.get('/metrics', async (_request, reply) => {
    reply.type(register.contentType)
    return register.metrics()
  })
  await app.register(async (orders) => routeOrders(orders, tracing))
  await app.listen({ host: '127.0.0.1', port: 0 })
  announce(app.server.address().port, async () => {
    await app.close()
    destination.flushSync()
    await stopTelemetry()
  })
}

function routeOrders(orders, tracing) {
  orders.decorateRequest('tracing', null)
  orders.addHook('onRequest', (request, _reply, done) => {
    request.tracing = tracing.begin(request)
    done()
  })
  orders.addHook('onRequest', async (request) => {
    await request.jwtVerify()
  })
  orders.addHook('onResponse', (request, reply, done) => {
    record(request, reply)
    tracing.end(request, reply)
    done()
  })
  orders.post(
    '/orders',
    { schema: { body: orderRequestSchema, response: { 200: orderReplySchema } } },
    async (request) =>
      tracing.child(request, 'price order', () => priceOrder(request.body, request.user.sub)),
  )
}

function record(request, reply) {
  const route = request.routeOptions.url
  duration.observe(
    { method: request.method, route, status_code: reply.statusCode },
    reply.elapsedTime / 1_000,
  )
  request.log.info(
    {
      trace_id: request.tracing.traceId,
      method: request.method,
      url: request.url,
      route,
      statusCode: reply.statusCode,
      responseTime: reply.elapsedTime,
      subject: request.user?.sub,
    },
    'request completed',
  )
}

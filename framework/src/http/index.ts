/**
 * HTTP: serves compiled operations on node:http. Routing, strict messages, typed paths, queries and
 * bodies, access tokens, problem details (RFC 9457), entity tags, idempotency keys, CORS from an
 * allow-list, the platform's own endpoints and a drain that fails no request. Every answer names its
 * trace in `Trace-Id` (the W3C's `traceresponse` is still a draft). Not for TLS, compression, static
 * files or HTML: a gateway does those. Limits: 16 KiB and 100 lines of headers, bodies of 1 MiB
 * unless configured, JSON 32 levels deep, 200 query fields.
 */
export type { CorsOptions } from './cors.ts'
export type { Admit, Authenticate } from './edge.ts'
export * from './errors.ts'
export { createHttpHandler, type HttpHandler, type HttpHandlerOptions } from './http-handler.ts'
export {
  type DrainOptions,
  type HttpServer,
  type HttpServerOptions,
  startHttpServer,
} from './http-server.ts'
export type { PlatformOptions } from './platform.ts'
export type { ReadinessCheck } from './readiness.ts'
export { statusOf } from './status.ts'

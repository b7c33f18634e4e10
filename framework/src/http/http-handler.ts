import type { IncomingMessage, ServerResponse } from 'node:http'
import type { CompiledOperation } from '../call/index.ts'
import type { Deadlines, World } from '../kernel/index.ts'
import type { Telemetry } from '../telemetry/index.ts'
import { Cors, type CorsOptions } from './cors.ts'
import { type Admit, type Authenticate, Edge } from './edge.ts'
import { Endpoint } from './endpoint.ts'
import { httpMethodNotAllowed, httpRouteDuplicated, httpRouteNotFound } from './errors.ts'
import { Exchange } from './exchange.ts'
import { findMessageError } from './message-check.ts'
import { PlatformEndpoint, type PlatformOptions, platformEndpoints } from './platform.ts'
import { Reply } from './reply.ts'
import { type MethodTable, Router } from './router.ts'
import { decodePath } from './target.ts'

export interface HttpHandlerOptions {
  /** Those with a route are answered; the others are not public. */
  readonly operations: readonly CompiledOperation[]
  readonly world: World
  readonly deadlines: Deadlines
  readonly telemetry: Telemetry
  /** Without it every bearer token is refused. */
  readonly authenticate?: Authenticate
  readonly admit?: Admit
  readonly cors?: CorsOptions
  /** `/livez`, `/readyz`, `/metrics`, `/openapi.json`, `/docs`; none unless given. */
  readonly platform?: PlatformOptions
  /** Largest body of a request; 1 MiB unless given. */
  readonly bodyBytesMax?: number
  /** Longest time a body may take to arrive; 10 s unless given. */
  readonly bodyTimeoutMs?: number
}

/** Answers HTTP requests for compiled operations. A plain Node handler: `createServer(handler)`,
 *  `express.use('/api', handler)`; with `next`, a path that is not its own is passed on. */
export interface HttpHandler {
  (request: IncomingMessage, response: ServerResponse, next?: (error?: unknown) => void): void
  /** Requests begun and not yet answered. */
  readonly inFlight: number
  /** Takes the instance out of service: `/readyz` says 503 and every answer closes its connection. */
  drain(): void
}

type Target = Endpoint | PlatformEndpoint

/** Compiles the routes of an application into a handler.
 *  @throws HTTP_ROUTE_DUPLICATED · HTTP_PARAMETER_UNKNOWN · HTTP_CORS_ORIGIN_INVALID
 *  Cost: see http.bench.ts; without duties about 2 µs above node:http. */
export function createHttpHandler(options: HttpHandlerOptions): HttpHandler {
  const dispatcher = new Dispatcher(options)
  const handle = (
    request: IncomingMessage,
    response: ServerResponse,
    next?: (error?: unknown) => void,
  ): void => dispatcher.handle(request, response, next)
  return Object.defineProperties(handle, {
    inFlight: { get: () => dispatcher.edge.inFlight },
    drain: { value: () => dispatcher.drain() },
  }) as HttpHandler
}

class Dispatcher {
  readonly edge: Edge
  readonly #router = new Router<Target>()

  constructor(options: HttpHandlerOptions) {
    const { world, deadlines, telemetry, authenticate, admit } = options
    this.edge = new Edge({
      world,
      deadlines,
      telemetry,
      authenticate,
      admit,
      cors: options.cors === undefined ? undefined : new Cors(options.cors),
      bodyTimeoutMs: options.bodyTimeoutMs ?? 10_000,
    })
    const { tracer, metrics } = telemetry
    const bodyBytesMax = options.bodyBytesMax ?? 1024 * 1024
    for (const operation of options.operations) {
      if (operation.route === undefined) continue
      this.#add(new Endpoint(operation, operation.route, { tracer, metrics, bodyBytesMax }))
    }
    if (options.platform === undefined) return
    for (const endpoint of platformEndpoints(options.platform, this.edge)) this.#add(endpoint)
  }

  drain(): void {
    this.edge.isDraining = true
  }

  handle(
    request: IncomingMessage,
    response: ServerResponse,
    next: ((error?: unknown) => void) | undefined,
  ): void {
    const url = originForm(request.url ?? '/')
    const mark = url.indexOf('?')
    const path = mark === -1 ? url : url.slice(0, mark)
    const message = { request, response }
    try {
      const messageError = findMessageError(request)
      if (messageError !== undefined) {
        return new Reply(this.edge, message, { endpoint: undefined, path }).refuse(
          messageError,
          true,
        )
      }
      this.#dispatch(message, { path, query: mark === -1 ? '' : url.slice(mark + 1) }, next)
    } catch (error) {
      new Reply(this.edge, message, { endpoint: undefined, path }).refuse(error)
    }
  }

  #dispatch(
    message: { readonly request: IncomingMessage; readonly response: ServerResponse },
    target: { readonly path: string; readonly query: string },
    next: ((error?: unknown) => void) | undefined,
  ): void {
    const { request } = message
    const { path, query } = target
    const method = request.method ?? ''
    const values: string[] = []
    const table = this.#router.findStatic(path) ?? this.#router.find(decodePath(path), values)
    const found = table?.targets.get(method === 'HEAD' ? 'GET' : method)
    if (found instanceof Endpoint) {
      return new Exchange(this.edge, message, { endpoint: found, path, query, values }).begin()
    }
    if (found !== undefined) return found.answer(message, target)
    if (next !== undefined) return next()
    const reply = new Reply(this.edge, message, { endpoint: undefined, path })
    if (path === '*') return reply.send(204, ['Allow', 'GET, HEAD, POST, PUT, PATCH, DELETE'], '')
    if (table === undefined) return reply.refuse(httpRouteNotFound({ method, path }))
    if (method === 'OPTIONS') return this.#answerOptions(reply, table)
    reply.refuse(httpMethodNotAllowed({ method, path, allowed: table.allow }))
  }

  #answerOptions(reply: Reply, table: MethodTable<Target>): void {
    const preflight = this.edge.cors?.preflight(reply.request.headers, table.allow) ?? []
    const headers = ['Allow', table.allow, 'Cache-Control', 'no-store', ...preflight]
    reply.send(204, headers, '')
  }

  #add(target: Target): void {
    const taken = this.#router.add(target.method, target.segments, target)
    if (taken === undefined) return
    const route = `${target.method} ${target.path}`
    throw httpRouteDuplicated({ route, first: taken.name, second: target.name })
  }
}

/** The path and query of a target, without the authority that an absolute target names. */
function originForm(url: string): string {
  if (url.charCodeAt(0) === 0x2f) return url
  const rest = /^https?:\/\/[^/?#]*(.*)$/i.exec(url)?.[1]
  if (rest === undefined) return url
  return rest.startsWith('/') ? rest : `/${rest}`
}

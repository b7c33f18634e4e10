import type { IncomingMessage, ServerResponse } from 'node:http'
import { parseRoute, type RouteSegment } from '../contract/index.ts'
import { loadDocsPage } from './docs-page.ts'
import type { Edge } from './edge.ts'
import { entityTagOf, matchesEntityTag } from './entity-tag.ts'
import { type ReadinessCheck, runChecks } from './readiness.ts'
import { type AnswerOptions, Reply } from './reply.ts'

/** The endpoints that belong to the platform rather than to the application. */
export interface PlatformOptions {
  /** What `/readyz` asks; ready when empty. */
  readonly checks?: readonly ReadinessCheck[]
  /** The OpenAPI document; asked for once, at the first request. Without it `/openapi.json` and
   *  `/docs` do not exist. */
  readonly openApi?: () => unknown
}

/** Fills in one answer. */
type Answer = (reply: Reply, query: string) => void | Promise<void>

/** One endpoint of the platform. */
export class PlatformEndpoint {
  readonly method = 'GET'
  readonly path: string
  readonly name: string
  readonly segments: readonly RouteSegment[]
  readonly #edge: Edge
  readonly #answer: Answer

  constructor(path: string, edge: Edge, answer: Answer) {
    this.path = path
    this.name = `platform ${path}`
    this.segments = parseRoute(`GET ${path}`, this.name).segments
    this.#edge = edge
    this.#answer = answer
  }

  answer(
    message: { readonly request: IncomingMessage; readonly response: ServerResponse },
    target: { readonly path: string; readonly query: string },
  ): void {
    const reply = new Reply(this.#edge, message, { endpoint: undefined, path: target.path })
    reply.isRoutine = true
    void this.#complete(reply, target.query)
  }

  async #complete(reply: Reply, query: string): Promise<void> {
    try {
      await this.#answer(reply, query)
    } catch (error) {
      reply.refuse(error)
    }
  }
}

/** The endpoints of the platform: `/livez` (the process turns), `/readyz` (send me requests; the
 *  single checks only with `?verbose`), `/metrics` (Prometheus text), `/openapi.json`, `/docs`. */
export function platformEndpoints(options: PlatformOptions, edge: Edge): PlatformEndpoint[] {
  const { checks = [], openApi } = options
  const endpoints = [
    new PlatformEndpoint('/livez', edge, (reply) => sendJson(reply, 200, { status: 'ok' })),
    new PlatformEndpoint('/readyz', edge, (reply, query) =>
      answerReadiness(reply, checks, query === 'verbose' || query.startsWith('verbose=')),
    ),
    new PlatformEndpoint('/metrics', edge, (reply) => {
      const headers = ['Content-Type', 'text/plain; version=0.0.4; charset=utf-8']
      headers.push('Cache-Control', 'no-store')
      reply.send(200, headers, edge.telemetry.metrics.text())
    }),
  ]
  if (openApi === undefined) return endpoints
  const document = new StoredText('application/json', () => JSON.stringify(openApi()))
  const page = loadDocsPage()
  const docs = new StoredText('text/html; charset=utf-8', () => page.html)
  const { contentSecurityPolicy } = page
  endpoints.push(new PlatformEndpoint('/openapi.json', edge, (reply) => document.send(reply)))
  endpoints.push(
    new PlatformEndpoint('/docs', edge, (reply) => docs.send(reply, { contentSecurityPolicy })),
  )
  return endpoints
}

async function answerReadiness(
  reply: Reply,
  checks: readonly ReadinessCheck[],
  isVerbose: boolean,
): Promise<void> {
  const { edge } = reply
  const results = edge.isDraining ? [] : await runChecks(checks, edge.world.clock)
  const isReady = !edge.isDraining && results.every((result) => result.isReady)
  const status = edge.isDraining ? 'draining' : isReady ? 'ready' : 'unready'
  sendJson(reply, isReady ? 200 : 503, isVerbose ? { status, checks: results } : { status })
}

function sendJson(reply: Reply, status: number, value: unknown): void {
  const headers = ['Content-Type', 'application/json', 'Cache-Control', 'no-store']
  reply.send(status, headers, JSON.stringify(value))
}

/** A text made once and revalidated by its tag. */
class StoredText {
  readonly #contentType: string
  readonly #make: () => string
  #stored: { readonly text: string; readonly tag: string } | undefined

  constructor(contentType: string, make: () => string) {
    this.#contentType = contentType
    this.#make = make
  }

  send(reply: Reply, how: AnswerOptions = {}): void {
    if (this.#stored === undefined) {
      const text = this.#make()
      this.#stored = { text, tag: entityTagOf(text) }
    }
    const { text, tag } = this.#stored
    const caching = ['ETag', tag, 'Cache-Control', 'no-cache']
    const known = reply.request.headers['if-none-match']
    if (known !== undefined && matchesEntityTag(known, tag)) {
      return reply.send(304, caching, '', how)
    }
    reply.send(200, ['Content-Type', this.#contentType, ...caching], text, how)
  }
}

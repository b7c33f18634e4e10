import type { IncomingHttpHeaders } from 'node:http'
import { httpCorsOriginInvalid } from './errors.ts'

/** Which browser pages of other origins may call; off unless configured. */
export interface CorsOptions {
  /** Exact origins, such as `https://shop.example`; `*` and `null` are refused at boot. */
  readonly origins: readonly string[]
  /** Whether cookies and HTTP authentication may be sent; bearer tokens need no permission. */
  readonly credentials?: boolean
  /** How long a browser may remember a preflight; 600 s unless given, at most a day. */
  readonly maxAgeSeconds?: number
}

const requestHeaders =
  'Authorization, Content-Type, Idempotency-Key, If-None-Match, Request-Timeout, X-Request-Timeout-Ms, traceparent, tracestate'
const answerHeaders = 'ETag, Retry-After, Trace-Id'

/** Answers cross-origin questions from an allow-list; an origin is compared, never echoed unseen. */
export class Cors {
  readonly #origins: ReadonlySet<string>
  readonly #credentials: boolean
  readonly #maxAge: string

  constructor(options: CorsOptions) {
    for (const origin of options.origins) assertOrigin(origin)
    this.#origins = new Set(options.origins)
    this.#credentials = options.credentials ?? false
    this.#maxAge = String(Math.min(options.maxAgeSeconds ?? 600, 86_400))
  }

  /** Adds what lets a page of `origin` read the answer; only `Vary` for an origin not listed. */
  addAnswerHeaders(headers: string[], origin: string | undefined): void {
    headers.push('Vary', 'Origin')
    if (origin === undefined || !this.#origins.has(origin)) return
    headers.push('Access-Control-Allow-Origin', origin)
    headers.push('Access-Control-Expose-Headers', answerHeaders)
    if (this.#credentials) headers.push('Access-Control-Allow-Credentials', 'true')
  }

  /** What a preflight's answer has besides `addAnswerHeaders`, or undefined when the request is no
   *  preflight or its origin is not listed. */
  preflight(request: IncomingHttpHeaders, allow: string): string[] | undefined {
    const { origin } = request
    const method = request['access-control-request-method']
    if (typeof origin !== 'string' || method === undefined || !this.#origins.has(origin)) {
      return undefined
    }
    return [
      'Access-Control-Allow-Methods',
      allow,
      'Access-Control-Allow-Headers',
      requestHeaders,
      'Access-Control-Max-Age',
      this.#maxAge,
    ]
  }
}

function assertOrigin(origin: string): void {
  let parsed: string | undefined
  try {
    parsed = new URL(origin).origin
  } catch {}
  if (parsed !== origin || origin === 'null' || origin.includes('*'))
    throw httpCorsOriginInvalid({ origin })
}

import type { IncomingHttpHeaders } from 'node:http'
import type { CompiledOperation } from '../call/index.ts'
import type { BanyanError, Deadlines, Principal, World } from '../kernel/index.ts'
import type { SpanName, Telemetry } from '../telemetry/index.ts'
import type { Cors } from './cors.ts'
import { Durations } from './endpoint.ts'

/** Proves who calls, from a bearer token. May answer at once or later.
 *  @throws a coded error of kind `unauthenticated` for a token that proves nothing. */
export type Authenticate = (token: string) => Principal | Promise<Principal>

/** Decides whether a request may enter, before anything is read or checked; cheap and synchronous.
 *  @returns the error to refuse it with, or undefined to let it in. */
export type Admit = (
  operation: CompiledOperation,
  headers: IncomingHttpHeaders,
) => BanyanError | undefined

export interface EdgeParts {
  readonly world: World
  readonly deadlines: Deadlines
  readonly telemetry: Telemetry
  readonly authenticate: Authenticate | undefined
  readonly admit: Admit | undefined
  readonly cors: Cors | undefined
  readonly bodyTimeoutMs: number
}

/** What all requests of one handler share. */
export class Edge implements EdgeParts {
  readonly world: World
  readonly deadlines: Deadlines
  readonly telemetry: Telemetry
  readonly authenticate: Authenticate | undefined
  readonly admit: Admit | undefined
  readonly cors: Cors | undefined
  readonly bodyTimeoutMs: number
  readonly unmatchedName: SpanName
  readonly unmatched: Durations
  /** Requests begun and not yet answered. */
  inFlight = 0
  /** Set when the instance is about to stop: every answer then closes its connection. */
  isDraining = false

  constructor(parts: EdgeParts) {
    const { metrics, tracer } = parts.telemetry
    this.world = parts.world
    this.deadlines = parts.deadlines
    this.telemetry = parts.telemetry
    this.authenticate = parts.authenticate
    this.admit = parts.admit
    this.cors = parts.cors
    this.bodyTimeoutMs = parts.bodyTimeoutMs
    this.unmatchedName = tracer.name('HTTP request')
    this.unmatched = new Durations(metrics, '', { method: '', path: '' })
    const help = 'Requests begun and not yet answered.'
    metrics.gauge('http_server_active_requests', help, {}, () => this.inFlight)
  }
}

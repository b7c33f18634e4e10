import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Receiver } from '../call/index.ts'
import type { Clock } from '../kernel/index.ts'
import type { Telemetry } from '../telemetry/index.ts'
import type { FramesBounds } from './frames/bounds.ts'
import type { Endpoint, PeerPolicy } from './port.ts'
import type { TlsSource } from './tls.ts'

export interface PeerListenerOptions {
  /** A path of at most 107 bytes, or a host and a port, 0 for any free one. */
  readonly endpoint: Endpoint
  readonly clock: Clock
  readonly telemetry: Telemetry
  readonly application: string
  readonly service: string
  /** Unique among all instances that ever ran. */
  readonly instance: string
  /** Runs what arrives. */
  readonly receiver: Receiver
  /** Decides who may call what. */
  readonly policy: PeerPolicy
  /** Services that may connect; all of the application unless given. */
  readonly services?: readonly string[]
  /** Mutual TLS. Without it a peer is whom it says it is: guard the road otherwise. */
  readonly tls?: TlsSource
  /** Answers requests that are no calls, such as `/livez`; 404 unless given. */
  readonly handler?: (request: IncomingMessage, response: ServerResponse) => void
  readonly bounds?: Partial<PeerListenerBounds>
}

/** The bounds of a listener, all with defaults. */
export interface PeerListenerBounds extends FramesBounds {
  /** Open connections of any kind; more are closed at once. 1,024 unless given. */
  readonly connectionsMax: number
  /** Posted calls in flight; more are refused. 1,024 unless given. */
  readonly postsMax: number
}

/** Where peers call this instance. */
export interface PeerListener extends AsyncDisposable {
  /** With the real port. */
  readonly endpoint: Endpoint
  /** Calls at work, over all connections and both carriers. */
  readonly inFlight: number
  /** Leaves service without failing a call: tells every peer to send no new ones, serves those that
   *  come nevertheless, and waits until all peers have left and nothing is in flight, at most
   *  `deadlineMs`. New connections carry no calls any more; `handler` is served until `stop`.
   *  @returns the number of calls in flight at the end; 0 is a clean end. Idempotent. */
  drain(options: { readonly deadlineMs: number }): Promise<number>
  /** Closes everything now; calls at work are cancelled. Idempotent. */
  stop(): Promise<void>
}

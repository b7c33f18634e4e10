import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import type { Receiver } from '../call/index.ts'
import type { Clock } from '../kernel/index.ts'
import type { Telemetry } from '../telemetry/index.ts'
import { boundsOf, type FramesBounds } from './frames/bounds.ts'
import { serverTlsOptions } from './peer-tls.ts'
import type { Endpoint, PeerPolicy } from './port.ts'
import { ServingListener } from './serving-listener.ts'
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

/** Starts to listen for peers: a WebSocket upgrade on `/rpc` for frames, `POST /rpc/<module>/<operation>`,
 *  and `handler` for the rest. With TLS, which is 1.3 and mutual, a peer is the service that its SPIFFE
 *  id names; new certificates serve new connections without a restart.
 *  @throws REMOTE_LISTEN_FAILED
 *  Limits: `PeerListenerBounds`; 16 KiB of headers, 5 s for them, 10 s for a posted body. */
export async function startPeerListener(options: PeerListenerOptions): Promise<PeerListener> {
  const listener = new ServingListener(createListening(options), options)
  await listener.listen()
  return listener
}

const messageLimits = {
  insecureHTTPParser: false,
  requireHostHeader: true,
  maxHeaderSize: 16 * 1024,
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
  // longer than any pool of callers keeps an idle connection
  keepAliveTimeout: 65_000,
  noDelay: true,
}

function createListening({ tls, bounds }: PeerListenerOptions): Server | TlsServer {
  if (tls === undefined) return createServer(messageLimits)
  const { handshakeTimeoutMs } = boundsOf(bounds)
  const own = serverTlsOptions(tls.current())
  return createTlsServer({ ...messageLimits, ...own, handshakeTimeout: handshakeTimeoutMs })
}

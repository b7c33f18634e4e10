import { createServer, type Server } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import { boundsOf } from './frames/bounds.ts'
import type { PeerListener, PeerListenerOptions } from './listener-options.ts'
import { serverTlsOptions } from './peer-tls.ts'
import { ServingListener } from './serving-listener.ts'

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

import { Agent, type ClientRequestArgs } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { Clock } from '../../kernel/index.ts'
import { connectTls } from '../peer-tls.ts'
import type { InstanceAddress } from '../port.ts'
import type { TlsSource } from '../tls.ts'
import type { PostBounds } from './post-bounds.ts'

export interface PostConnectionsOptions {
  readonly address: InstanceAddress
  readonly application: string
  readonly tls: TlsSource | undefined
  readonly clock: Clock
  readonly bounds: PostBounds
}

/** The connections to one instance: kept alive, at most one call on each at a time, opened on demand.
 *  TLS is beneath HTTP here, so that a peer is known by its SPIFFE id and by nothing else. */
export class PostConnections extends Agent {
  readonly #options: PostConnectionsOptions
  /** Sockets on which bytes can have left. */
  readonly #connected = new WeakSet<Socket>()
  #users = 0
  #isRetired = false

  constructor(options: PostConnectionsOptions) {
    const { inFlightMax, idleMax } = options.bounds
    // room for the sign of life beside the calls
    super({ keepAlive: true, maxSockets: inFlightMax + 1, maxFreeSockets: idleMax })
    this.#options = options
  }

  override createConnection(
    _options: ClientRequestArgs,
    created?: (error: Error | null, socket: Socket) => void,
  ): Socket | undefined {
    let socket: Socket
    try {
      socket = this.#connect()
    } catch (error) {
      // an address or a certificate that Node refuses outright
      created?.(error instanceof Error ? error : new Error(String(error)), undefined as never)
      return undefined
    }
    const { clock, bounds } = this.#options
    const { connectTimeoutMs } = bounds
    const timer = clock.after(connectTimeoutMs, () =>
      socket.destroy(new Error(`no connection within ${connectTimeoutMs} ms`)),
    )
    socket.once(this.#options.tls === undefined ? 'connect' : 'secureConnect', () => {
      timer.stop()
      this.#connected.add(socket)
    })
    socket.once('close', () => timer.stop())
    return socket
  }

  /** Whether a request on this socket may have left. */
  hasConnected(socket: Socket | null): boolean {
    return socket !== null && this.#connected.has(socket)
  }

  /** A call uses these connections until it says `leave`. */
  enter(): void {
    this.#users++
  }

  leave(): void {
    this.#users--
    if (this.#isRetired && this.#users === 0) this.destroy()
  }

  /** No new calls will come: closes what is idle now, the rest when its calls have ended. */
  retire(): void {
    this.#isRetired = true
    for (const sockets of Object.values(this.freeSockets)) {
      for (const socket of sockets ?? []) socket.destroy()
    }
    if (this.#users === 0) this.destroy()
  }

  #connect(): Socket {
    const { address, application, tls } = this.#options
    if (tls !== undefined) return connectTls(address, tls.current(), application)
    const { endpoint } = address
    return endpoint.kind === 'unix'
      ? connect({ path: endpoint.path })
      : connect({ host: endpoint.host, port: endpoint.port, noDelay: true })
  }
}

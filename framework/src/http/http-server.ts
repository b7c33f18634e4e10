import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type Clock, sleep } from '../kernel/index.ts'
import type { Telemetry } from '../telemetry/index.ts'
import { answerClientError } from './client-error.ts'
import { httpListenFailed } from './errors.ts'
import { markAwaitingContinue } from './exchange.ts'
import type { HttpHandler } from './http-handler.ts'
import { headersMax } from './message-check.ts'
import { watchRequestLines } from './request-line.ts'

export interface HttpServerOptions {
  readonly handler: HttpHandler
  readonly clock: Clock
  readonly telemetry: Telemetry
  /** 127.0.0.1 unless given. */
  readonly host?: string
  /** 0 for any free port. */
  readonly port: number
  /** Whether other processes may listen on the same port at the same time; false unless given. */
  readonly reusePort?: boolean
  /** Longest idle time of a connection: that of the balancer in front + 5 s; 65 s unless given. */
  readonly keepAliveTimeoutMs?: number
  /** Time from a connection's first byte to the end of the headers; 5 s unless given. */
  readonly headersTimeoutMs?: number
  /** Time from a connection's first byte to the end of the body; 10 s unless given. */
  readonly requestTimeoutMs?: number
  /** Time that an answer may wait for its reader; 30 s unless given. */
  readonly idleTimeoutMs?: number
  /** Open connections; more are closed at once. 10,000 unless given. */
  readonly connectionsMax?: number
}

export interface DrainOptions {
  /** How long balancers need to notice: requests are still served meanwhile. 1 s unless given. */
  readonly noticeMs?: number
  /** When to cut off what is still in flight, counted from the call; 25 s unless given. */
  readonly deadlineMs?: number
}

/** A listening server. */
export interface HttpServer extends AsyncDisposable {
  readonly port: number
  readonly url: string
  /** Leaves service without failing a request: unready at once, serves on for `noticeMs` with
   *  `Connection: close`, stops listening, closes idle connections, waits for those in flight.
   *  @returns the number of connections cut off at the deadline; 0 is a clean end. Idempotent. */
  drain(options?: DrainOptions): Promise<number>
  /** Closes everything now. Idempotent. */
  stop(): Promise<void>
}

/** Listens with strict limits: 16 KiB and 100 lines of headers, the timeouts above, one answer of
 *  400 and a closed connection for every message that two readers could read differently.
 *  @throws HTTP_LISTEN_FAILED */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const server = createServer({
    insecureHTTPParser: false,
    requireHostHeader: true,
    maxHeaderSize: 16 * 1024,
    headersTimeout: options.headersTimeoutMs ?? 5_000,
    requestTimeout: options.requestTimeoutMs ?? 10_000,
    connectionsCheckingInterval: 1_000,
    keepAliveTimeout: options.keepAliveTimeoutMs ?? 65_000,
    noDelay: true,
  })
  const { handler, telemetry } = options
  const handle = (request: IncomingMessage, response: ServerResponse): void =>
    handler(request, response)
  server.maxHeadersCount = headersMax + 1
  server.maxConnections = options.connectionsMax ?? 10_000
  server.timeout = options.idleTimeoutMs ?? 30_000
  server.on('timeout', onSocketTimeout)
  server.on('request', handle)
  server.on('checkExpectation', handle)
  server.on('checkContinue', (request, response) => {
    markAwaitingContinue(request)
    handle(request, response)
  })
  server.on('connection', watchRequestLines)
  server.on('clientError', (error, socket) => {
    answerClientError(error, socket as Socket, telemetry)
  })
  await listen(server, options)
  return new ListeningServer(server, options)
}

class ListeningServer implements HttpServer {
  readonly port: number
  readonly url: string
  readonly #server: Server
  readonly #handler: HttpHandler
  readonly #clock: Clock
  #drained: Promise<number> | undefined
  #closed: Promise<void> | undefined

  constructor(server: Server, options: HttpServerOptions) {
    const { address, family, port } = server.address() as AddressInfo
    this.port = port
    this.url = family === 'IPv6' ? `http://[${address}]:${port}` : `http://${address}:${port}`
    this.#server = server
    this.#handler = options.handler
    this.#clock = options.clock
  }

  drain(options: DrainOptions = {}): Promise<number> {
    this.#drained ??= this.#drain(options.noticeMs ?? 1_000, options.deadlineMs ?? 25_000)
    return this.#drained
  }

  async stop(): Promise<void> {
    this.#handler.drain()
    const closed = this.#close()
    this.#server.closeAllConnections()
    await closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  async #drain(noticeMs: number, deadlineMs: number): Promise<number> {
    const startMs = this.#clock.monotonicMs()
    this.#handler.drain()
    await sleep(this.#clock, Math.min(noticeMs, deadlineMs))
    // Connections that the system has made and this process has not taken yet would be reset: a busy
    // process takes them in now, in one turn of its loop.
    await new Promise<void>((resolve) => void setImmediate(resolve))
    const closed = this.#close()
    let open = await this.#countConnections()
    while (open > 0 && this.#clock.monotonicMs() - startMs < deadlineMs) {
      this.#server.closeIdleConnections()
      await sleep(this.#clock, 50)
      open = await this.#countConnections()
    }
    this.#server.closeAllConnections()
    await closed
    return open
  }

  #close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => void this.#server.close(() => resolve()))
    return this.#closed
  }

  #countConnections(): Promise<number> {
    return new Promise((resolve) => {
      this.#server.getConnections((error, count) => resolve(error === null ? count : 0))
    })
  }
}

/** A socket was silent for `idleTimeoutMs`: cut off a client that does not read its answer, and
 *  leave one alone whose operation is still at work. */
function onSocketTimeout(socket: Socket): void {
  if (socket.writableLength > 0) socket.destroy()
  else socket.setTimeout(socket.timeout ?? 0)
}

function listen(server: Server, options: HttpServerOptions): Promise<void> {
  const { host = '127.0.0.1', port, reusePort = false } = options
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => {
      const cause = error.code ?? error.message
      reject(httpListenFailed({ address: `${host}:${port}`, cause }, { cause: error }))
    }
    server.once('error', fail)
    server.listen({ port, host, reusePort }, () => {
      server.removeListener('error', fail)
      resolve()
    })
  })
}

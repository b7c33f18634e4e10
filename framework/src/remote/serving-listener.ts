import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { Server as TlsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Timer } from '../kernel/index.ts'
import { remotePeerRefused } from './errors.ts'
import { boundsOf } from './frames/bounds.ts'
import { Slabs } from './frames/slab.ts'
import { FramesEndpoint } from './frames-endpoint.ts'
import { listen } from './listen.ts'
import type { PeerListener, PeerListenerOptions } from './listener-options.ts'
import { serverTlsOptions, serviceOfCertificate } from './peer-tls.ts'
import type { Endpoint } from './port.ts'
import { PostEndpoint } from './post-endpoint.ts'
import { postPathPrefix } from './post-headers.ts'
import { RefusalLog } from './refusal-log.ts'
import { WorkTally } from './work-tally.ts'

/** A listener and what it serves. */
export class ServingListener implements PeerListener {
  readonly #server: Server | TlsServer
  readonly #options: PeerListenerOptions
  readonly #tally = new WorkTally()
  readonly #refusals: RefusalLog
  readonly #frames: FramesEndpoint
  readonly #posts: PostEndpoint
  /** Every accepted socket, whatever became of it. */
  readonly #sockets = new Set<Socket>()
  /** The services that certificates prove. */
  readonly #proved = new WeakMap<Socket, string>()
  /** Accepted when the instance was already going away. */
  readonly #late = new WeakSet<Socket>()
  #endpoint: Endpoint
  #unwatch: (() => void) | undefined
  #isDraining = false
  #drained: Promise<number> | undefined
  #stopped: Promise<void> | undefined
  #becameIdle: (() => void) | undefined

  constructor(server: Server | TlsServer, options: PeerListenerOptions) {
    const { instance, receiver, policy, clock, telemetry, bounds: given } = options
    const tally = this.#tally
    const bounds = boundsOf(given)
    this.#server = server
    this.#options = options
    this.#endpoint = options.endpoint
    this.#refusals = new RefusalLog(clock, telemetry)
    const findRefusal = (service: string): string | undefined => this.#findRefusal(service)
    this.#frames = new FramesEndpoint({
      ...{ application: options.application, service: options.service, instance, clock },
      ...{ receiver, policy, tally, bounds, findRefusal, slabs: new Slabs() },
      ...{ refusals: this.#refusals, left: () => this.#checkIdle() },
    })
    const { payloadBytesMax } = bounds
    this.#posts = new PostEndpoint({
      ...{ instance, receiver, policy, tally, payloadBytesMax, findRefusal },
      postsMax: given?.postsMax ?? 1_024,
      isDraining: () => this.#isDraining,
    })
    tally.idle = () => this.#checkIdle()
    server.maxConnections = given?.connectionsMax ?? 1_024
    this.#observe()
  }

  get endpoint(): Endpoint {
    return this.#endpoint
  }

  get inFlight(): number {
    return this.#tally.inFlight
  }

  async listen(): Promise<void> {
    this.#endpoint = await listen(this.#server, this.#options.endpoint)
    const { telemetry } = this.#options
    this.#server.on('error', ({ message: cause }) => {
      telemetry.logs.log('error', { cause }, 'the listener of peers could not take a connection')
    })
    this.#unwatch = this.#options.tls?.watch(() => this.#replaceCertificates())
  }

  drain({ deadlineMs }: { readonly deadlineMs: number }): Promise<number> {
    this.#drained ??= this.#drain(deadlineMs)
    return this.#drained
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  #observe(): void {
    const server = this.#server
    server.on('connection', (socket: Socket) => this.#accepted(socket))
    server.prependListener('secureConnection', (socket: TLSSocket) => this.#identify(socket))
    server.on('tlsClientError', (error: Error, socket: TLSSocket) => {
      // what is wrong with a certificate stands on the socket, and the error only says "hang up"
      const { authorizationError } = socket
      this.#refuse(socket, authorizationError === null ? error.message : `${authorizationError}`)
    })
    server.on('request', (request, response) => this.#serve(request, response))
    server.on('upgrade', (request, socket: Socket, head: Buffer) => {
      this.#frames.upgrade(request, { socket, head }, this.#proved.get(socket))
    })
  }

  #accepted(socket: Socket): void {
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    if (this.#isDraining) this.#late.add(socket)
  }

  /** A certificate of the authority is not enough: it must be one of a service of this application. */
  #identify(socket: TLSSocket): void {
    const names = socket.getPeerX509Certificate()?.subjectAltName
    const found = serviceOfCertificate(names, this.#options.application)
    const cause = 'cause' in found ? found.cause : this.#findRefusal(found.service)
    if (cause !== undefined) return this.#refuse(socket, cause)
    if ('service' in found) this.#proved.set(socket, found.service)
    if (this.#isDraining) this.#late.add(socket)
  }

  #findRefusal(service: string): string | undefined {
    const { services, application } = this.#options
    if (services === undefined || services.includes(service)) return undefined
    return `${application} has no service ${service}`
  }

  #refuse(socket: TLSSocket, cause: string): void {
    const { remoteAddress, remotePort } = socket
    const peer = remoteAddress === undefined ? 'a peer' : `${remoteAddress}:${remotePort}`
    this.#refusals.report(remotePeerRefused({ peer, cause }))
    socket.destroy()
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const { handler } = this.#options
    if (request.url?.startsWith(postPathPrefix) === true) {
      const { socket } = request
      const isLate = this.#late.has(socket)
      const proved = this.#proved.get(socket)
      this.#posts.serve(request, response, { proved, isLate })
    } else if (handler !== undefined) handler(request, response)
    else response.writeHead(404, { 'content-length': 0 }).end()
  }

  #replaceCertificates(): void {
    const { tls } = this.#options
    if (tls === undefined || !(this.#server instanceof TlsServer)) return
    this.#server.setSecureContext(serverTlsOptions(tls.current()))
  }

  async #drain(deadlineMs: number): Promise<number> {
    this.#isDraining = true
    this.#frames.drain()
    const idle = new Promise<void>((resolve) => {
      this.#becameIdle = resolve
    })
    this.#checkIdle()
    let timer: Timer | undefined
    const late = new Promise<void>((resolve) => {
      timer = this.#options.clock.after(deadlineMs, resolve)
    })
    await Promise.race([idle, late])
    timer?.stop()
    return this.#tally.inFlight
  }

  #checkIdle(): void {
    if (this.#tally.inFlight === 0 && this.#frames.size === 0) this.#becameIdle?.()
  }

  async #stop(): Promise<void> {
    this.#isDraining = true
    this.#unwatch?.()
    const closed = new Promise<void>((resolve) => void this.#server.close(() => resolve()))
    this.#frames.destroy()
    for (const socket of this.#sockets) socket.destroy()
    this.#becameIdle?.()
    await closed
  }
}

import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { Clock, Timer } from '../../kernel/index.ts'
import { connectTls } from '../peer-tls.ts'
import type { InstanceAddress } from '../port.ts'
import type { TlsSource } from '../tls.ts'
import type { FramesBounds } from './bounds.ts'
import { createKey, findAnswerError, upgradeHeaders } from './handshake.ts'
import { upgradePath } from './layout.ts'

export interface DialOptions {
  readonly address: InstanceAddress
  readonly application: string
  readonly tls: TlsSource | undefined
  readonly clock: Clock
  readonly bounds: FramesBounds
}

/** How a dial ends: exactly one of them, once; neither after `stop`. */
export interface DialEvents {
  /** @param head  Bytes that came right behind the upgrade. */
  upgraded(socket: Socket, head: Buffer): void
  failed(cause: string): void
}

/** Opens a connection to an instance and upgrades it. */
export class Dial {
  readonly #options: DialOptions
  readonly #events: DialEvents
  readonly #socket: Socket | undefined
  #timer: Timer
  #isOver = false

  constructor(options: DialOptions, events: DialEvents) {
    this.#options = options
    this.#events = events
    this.#timer = this.#limit(options.bounds.connectTimeoutMs, 'no connection')
    this.#socket = this.#connect()
  }

  /** Gives up, silently. Idempotent. */
  stop(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#timer.stop()
    this.#socket?.destroy()
  }

  #connect(): Socket | undefined {
    const { address, application, tls } = this.#options
    try {
      const socket =
        tls === undefined ? connectPlain(address) : connectTls(address, tls.current(), application)
      const ready = tls === undefined ? 'connect' : 'secureConnect'
      socket.once(ready, () => this.#upgrade(socket))
      socket.on('error', (error) => this.#fail(causeOf(error)))
      socket.on('close', () => this.#fail('the connection was closed'))
      return socket
    } catch (error) {
      // an address or a certificate that Node refuses outright
      process.nextTick(() => this.#fail(error instanceof Error ? error.message : String(error)))
      return undefined
    }
  }

  #limit(timeoutMs: number, what: string): Timer {
    return this.#options.clock.after(timeoutMs, () => this.#fail(`${what} within ${timeoutMs} ms`))
  }

  #upgrade(socket: Socket): void {
    if (this.#isOver) return
    this.#timer.stop()
    this.#timer = this.#limit(this.#options.bounds.handshakeTimeoutMs, 'no upgrade')
    const key = createKey()
    const asked = request({
      createConnection: () => socket,
      path: upgradePath,
      headers: upgradeHeaders(hostOf(this.#options.address), key),
    })
    asked.once('upgrade', (answer, _socket, head) => {
      const cause = findAnswerError(answer, key)
      if (cause === undefined) this.#upgraded(socket, head)
      else this.#fail(`the peer ${cause}`)
    })
    asked.once('response', (answer) => this.#fail(`the upgrade was refused: ${answer.statusCode}`))
    asked.on('error', (error) => this.#fail(causeOf(error)))
    asked.end()
  }

  #upgraded(socket: Socket, head: Buffer): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#timer.stop()
    this.#events.upgraded(socket, head)
  }

  #fail(cause: string): void {
    if (this.#isOver) return
    this.stop()
    this.#events.failed(cause)
  }
}

function connectPlain({ endpoint }: InstanceAddress): Socket {
  return endpoint.kind === 'unix'
    ? connect({ path: endpoint.path })
    : connect({ host: endpoint.host, port: endpoint.port, noDelay: true })
}

function hostOf({ endpoint, service }: InstanceAddress): string {
  if (endpoint.kind === 'unix') return service
  const host = endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host
  return `${host}:${endpoint.port}`
}

function causeOf(error: NodeJS.ErrnoException): string {
  return error.code === undefined ? error.message : `${error.code}: ${error.message}`
}

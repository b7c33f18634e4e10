import { chmodSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import type { Clock } from '../kernel/index.ts'
import type { Child } from './child.ts'
import { errorFieldsOf } from './error-fields.ts'
import { clusterRequestRefused } from './errors.ts'
import type { SupervisorEvent } from './event.ts'
import { LineChannel } from './line-channel.ts'
import {
  decodeMessage,
  encodeMessage,
  type FromChild,
  type Reply,
  type Request,
  readRequest,
  tryReadHello,
} from './message.ts'

export interface ControlOptions {
  /** Path of the socket; its folder is private. What a dead supervisor left there is replaced.
   *  Requires: the right to supervise is held, so nobody else listens there. */
  readonly path: string
  readonly clock: Clock
  /** A process says who it is; undefined when nobody knows it. */
  readonly greet: (
    hello: Extract<FromChild, { type: 'hello' }>,
    channel: LineChannel,
  ) => Child | undefined
  /** Answers a command; what it rejects with is told to the one who asked. */
  readonly answer: (request: Request) => Promise<unknown>
}

/** Connections at once: 256 instances, keepers, and people. */
const connectionsMax = 512
/** A connection says what it is for within this time. */
const openingTimeoutMs = 5_000
/** An onlooker who is this far behind misses lines until he has caught up. */
const onlookerBytesMax: number = 4 * 1024 * 1024

/** The supervisor's ear: its own processes and people's commands, over one private socket. */
export class ControlServer {
  readonly #server: Server
  readonly #options: ControlOptions
  readonly #open = new Set<LineChannel>()
  /** Who hears of events, and whether of the lines of processes too. */
  readonly #onlookers = new Map<LineChannel, { readonly hasLines: boolean }>()
  readonly #answers = new Set<Promise<void>>()

  private constructor(server: Server, options: ControlOptions) {
    this.#server = server
    this.#options = options
    server.on('connection', (socket) => this.#meet(socket))
  }

  /** @throws what the system says when the socket cannot be made */
  static async listen(options: ControlOptions): Promise<ControlServer> {
    rmSync(options.path, { force: true })
    const server = createServer()
    server.maxConnections = connectionsMax
    const control = new ControlServer(server, options)
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(options.path, resolve)
    })
    chmodSync(options.path, 0o600)
    return control
  }

  /** Tells everybody who attached, or waits for an answer. */
  tell(event: SupervisorEvent): void {
    if (this.#onlookers.size === 0) return
    const line = encodeMessage({ type: 'event', event })
    for (const [channel, { hasLines }] of this.#onlookers) {
      const isWanted = hasLines || event.type !== 'line'
      if (isWanted && channel.backlogBytes < onlookerBytesMax) channel.send(line)
    }
  }

  /** Hangs up on everybody, after those who asked have their answer; at most `timeoutMs`. */
  async close(timeoutMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => void this.#server.close(() => resolve()))
    const late = Promise.withResolvers<void>()
    const timer = this.#options.clock.after(timeoutMs, () => {
      late.resolve()
      for (const channel of this.#open) channel.destroy('the supervisor ends')
    })
    await Promise.race([Promise.allSettled(this.#answers), late.promise])
    for (const channel of this.#open) channel.end()
    await closed
    timer.stop()
  }

  #meet(socket: Socket): void {
    const { clock } = this.#options
    let visitor: Visitor | undefined
    const channel = new LineChannel(socket, {
      line: (line) => {
        timer.stop()
        if (visitor === undefined) visitor = this.#admit(channel, line)
        else visitor.hear(line)
      },
      closed: () => {
        timer.stop()
        this.#open.delete(channel)
        this.#onlookers.delete(channel)
        visitor?.left()
      },
    })
    const timer = clock.after(openingTimeoutMs, () => channel.destroy('it said nothing'))
    this.#open.add(channel)
  }

  /** The first line decides what the connection is. */
  #admit(channel: LineChannel, line: string): Visitor {
    const message = decodeMessage(line)
    if (typeof message === 'string') return this.#refuse(channel, message)
    const hello = tryReadHello(message)
    if (hello !== undefined) return this.#greet(channel, hello)
    const request = readRequest(message)
    if (typeof request === 'string') return this.#refuse(channel, request)
    const answer = this.#answer(channel, request).finally(() => this.#answers.delete(answer))
    this.#answers.add(answer)
    return nobody
  }

  #greet(channel: LineChannel, hello: Extract<FromChild, { type: 'hello' }>): Visitor {
    const child = this.#options.greet(hello, channel)
    if (child === undefined) {
      channel.send(encodeMessage({ type: 'refused', cause: 'nobody waits for this process' }))
      channel.end()
      return nobody
    }
    return {
      hear: (line) => {
        const message = decodeMessage(line)
        if (typeof message === 'string') channel.destroy(message)
        else child.hear(message as FromChild)
      },
      left: () => child.disconnected(channel),
    }
  }

  async #answer(channel: LineChannel, request: Request): Promise<void> {
    const { command } = request
    const hasLines = command === 'attach'
    if (command !== 'ps' && command !== 'describe') this.#onlookers.set(channel, { hasLines })
    if (hasLines) channel.send(encodeMessage({ type: 'event', event: attached }))
    let reply: Reply
    try {
      reply = { type: 'result', value: (await this.#options.answer(request)) ?? null }
    } catch (error) {
      reply = { type: 'error', error: errorFieldsOf(error) }
    }
    this.#onlookers.delete(channel)
    channel.send(encodeMessage(reply))
    channel.end()
  }

  #refuse(channel: LineChannel, cause: string): Visitor {
    const error = errorFieldsOf(clusterRequestRefused({ cause }))
    channel.send(encodeMessage({ type: 'error', error }))
    channel.end()
    return nobody
  }
}

const attached: SupervisorEvent = { type: 'step', text: 'attached; what happens now is shown' }

/** Who is at the other end, once that is known. */
interface Visitor {
  readonly hear: (line: string) => void
  readonly left: () => void
}

/** Nothing more is expected of them. */
const nobody: Visitor = { hear: () => {}, left: () => {} }

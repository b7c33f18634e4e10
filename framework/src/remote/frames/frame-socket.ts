import type { Socket } from 'node:net'
import type { Clock, Timer } from '../../kernel/index.ts'
import type { FramesBounds } from './bounds.ts'
import { FrameReader } from './frame-reader.ts'
import { closeCode, frameType, headBytes, ProtocolError } from './layout.ts'
import { Liveness } from './liveness.ts'
import { Output } from './output.ts'
import { PartSender } from './part-sender.ts'
import type { Slabs } from './slab.ts'
import { opcode } from './web-socket-head.ts'
import { WebSocketReader } from './web-socket-reader.ts'

/** Time that the other end has to close after it was told. */
const closeMs = 1_000
const reasonCharsMax = 100
/** A peer for which so much waits hears of us by that. */
const pongBytesMax = 64 * 1024

/** What happens on an upgraded connection. */
export interface FrameSocketEvents {
  /** A frame other than ping and pong; the bytes are only lent. @throws ProtocolError */
  frame(bytes: Buffer, start: number, end: number): void
  /** The machine has taken something that waited. */
  progressed?(): void
  /** Nothing comes or goes any more; called once.
   *  @param isBroken  The peer broke the protocol. */
  ended(cause: string, isBroken: boolean): void
}

export interface FrameSocketOptions {
  readonly socket: Socket
  readonly role: 'caller' | 'callee'
  readonly clock: Clock
  readonly bounds: FramesBounds
  readonly slabs: Slabs
  readonly events: FrameSocketEvents
}

/** An upgraded connection: frames in, frames out, signs of life, and an orderly end. */
export class FrameSocket {
  readonly output: Output
  readonly parts: PartSender
  readonly liveness: Liveness
  readonly #socket: Socket
  readonly #clock: Clock
  readonly #events: FrameSocketEvents
  readonly #reader: WebSocketReader
  #isEnded = false
  #closing: Timer | undefined = undefined

  constructor(options: FrameSocketOptions) {
    const { socket, role, clock, bounds, slabs, events } = options
    this.#socket = socket
    this.#clock = clock
    this.#events = events
    this.output = new Output(socket, slabs, role === 'caller')
    this.parts = new PartSender(this.output)
    if (events.progressed !== undefined) this.output.progressed = () => events.progressed?.()
    const frames = new FrameReader((bytes, start, end) => this.#frame(bytes, start, end))
    const received = {
      payload: (bytes: Buffer, start: number, end: number) => frames.push(bytes, start, end),
      ping: (payload: Buffer) => this.#pong(payload),
      closed: (code: number, reason: string) => this.#peerClosed(code, reason),
    }
    this.#reader = new WebSocketReader(received, role === 'callee')
    this.liveness = new Liveness({
      ...{ clock, idlePingMs: bounds.idlePingMs, deadAfterMs: bounds.deadAfterMs },
      ask: () => this.#write(frameType.ping),
      dead: (silentMs) => this.destroy(`no sign of life for ${silentMs} ms`),
    })
  }

  /** Begins to read. @param head  What came with the upgrade. */
  start(head: Buffer): void {
    const socket = this.#socket
    socket.setTimeout(0)
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('end', () => this.destroy('the peer hung up'))
    socket.on('error', (error: NodeJS.ErrnoException) => this.destroy(error.code ?? error.message))
    socket.on('close', () => this.#closed())
    if (socket.destroyed) this.#closed()
    else if (head.length > 0) this.#read(head)
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  /** Tells the other end, sends what is written, and closes. */
  close(code: number, cause: string): void {
    if (this.#isEnded) return
    this.#sendClose(code, cause)
    this.#end(cause, false)
  }

  /** Ends the connection at once; what is not sent is lost. */
  destroy(cause: string): void {
    this.#socket.destroy()
    this.#end(cause, false)
  }

  #read(chunk: Buffer): void {
    this.liveness.heard()
    try {
      this.#reader.push(chunk)
    } catch (error) {
      this.#break(error)
    }
  }

  #frame(bytes: Buffer, start: number, end: number): void {
    if (this.#isEnded) return
    const type = bytes[start + 4]
    if (type === frameType.ping) this.#pong(undefined)
    else if (type !== frameType.pong) this.#events.frame(bytes, start, end)
  }

  /** Answers a sign of life, of a proxy (with its payload) or of the peer; not to one that asks and
   *  does not read, for which enough is on its way already. */
  #pong(payload: Buffer | undefined): void {
    if (this.#isEnded || this.output.unwrittenBytes > pongBytesMax) return
    if (payload === undefined) this.#write(frameType.pong)
    else this.output.sendControl(opcode.pong, payload)
  }

  #peerClosed(code: number, reason: string): void {
    if (this.#isEnded) return
    this.#sendClose(closeCode.normal, '')
    this.#end(`the peer closed (${code}${reason === '' ? '' : `: ${reason}`})`, false)
  }

  #write(type: number): void {
    if (this.#isEnded) return
    const slab = this.output.room(headBytes)
    slab.begin(type, 0, 0)
    slab.end()
  }

  #break(error: unknown): void {
    if (this.#isEnded) return
    if (error instanceof ProtocolError) {
      this.#sendClose(error.closeCode, error.message)
      return this.#end(error.message, true)
    }
    const own = error instanceof Error ? error.message : String(error)
    this.#sendClose(closeCode.internal, '')
    this.#end(`an error on this side: ${own}`, true)
  }

  #sendClose(code: number, cause: string): void {
    const reason = Buffer.from(cause.replaceAll(/[^ -~]/g, '?').slice(0, reasonCharsMax))
    const payload = Buffer.alloc(2 + reason.length)
    payload.writeUInt16BE(code)
    reason.copy(payload, 2)
    this.output.sendControl(opcode.close, payload)
    this.#socket.end()
    this.#closing = this.#clock.after(closeMs, () => this.#socket.destroy(), { background: true })
  }

  #closed(): void {
    this.#closing?.stop()
    this.#end('the connection was closed', false)
  }

  #end(cause: string, isBroken: boolean): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#reader.end()
    this.liveness.stop()
    this.output.end()
    this.#events.ended(cause, isBroken)
  }
}

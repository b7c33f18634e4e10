import type { Socket } from 'node:net'
import type { OutgoingCall } from '../../call/index.ts'
import type { Timer } from '../../kernel/index.ts'
import type { Telemetry } from '../../telemetry/index.ts'
import { remoteInputTooLarge, remoteProtocolBroken } from '../errors.ts'
import type { LinkEvents } from '../port.ts'
import { encodeRefusal } from '../refusal-text.ts'
import { AnswerReader } from './answer-reader.ts'
import { headerCharsOf } from './call-frame.ts'
import { CallWriter } from './call-writer.ts'
import { Dial, type DialOptions } from './dial.ts'
import { FrameSocket } from './frame-socket.ts'
import { helloBytesMax, readHello, writeHello } from './hello.ts'
import { closeCode, frameType, headerCharsMax, inlineCharsMax } from './layout.ts'
import { PendingCalls } from './pending-calls.ts'
import type { Slabs } from './slab.ts'

/** What the owner of a connection hears of it. */
export interface ConnectionOwner {
  /** It takes calls. */
  opened(connection: CallerConnection): void
  /** The instance is going away: the connection takes no more calls, and closes when it has none. */
  draining(connection: CallerConnection): void
  /** It is gone and its calls are lost. */
  ended(connection: CallerConnection, cause: string): void
}

export interface CallerConnectionOptions extends DialOptions {
  /** The service and the instance that call. */
  readonly service: string
  readonly instance: string
  readonly slabs: Slabs
  readonly events: LinkEvents
  readonly owner: ConnectionOwner
  readonly telemetry: Telemetry | undefined
}

/** One connection to an instance, on the side that calls.
 *  States: dialling → greeting → open → leaving → ended; it can end in any of them. */
export class CallerConnection {
  readonly #options: CallerConnectionOptions
  readonly #pending = new PendingCalls()
  readonly #answers: AnswerReader
  readonly #dial: Dial
  #frames: FrameSocket | undefined = undefined
  #writer: CallWriter | undefined = undefined
  #state: 'dialling' | 'greeting' | 'open' | 'leaving' | 'ended' = 'dialling'
  #greeting: Timer | undefined = undefined
  #inFlightMax: number
  #payloadBytesMax: number

  constructor(options: CallerConnectionOptions) {
    const { events, bounds } = options
    this.#options = options
    this.#inFlightMax = bounds.inFlightMax
    this.#payloadBytesMax = bounds.payloadBytesMax
    this.#answers = new AnswerReader(this.#pending, events, bounds.payloadBytesMax)
    this.#dial = new Dial(options, {
      upgraded: (socket, head) => this.#upgraded(socket, head),
      failed: (cause) => this.#ended(cause),
    })
  }

  get inFlight(): number {
    return this.#pending.size
  }

  /** @returns false when nothing was sent. */
  send(call: OutgoingCall): boolean {
    const frames = this.#frames
    const writer = this.#writer
    if (this.#state !== 'open' || frames === undefined || writer === undefined) return false
    if (this.#pending.size >= this.#inFlightMax) return false
    const queuedBytes = frames.output.unwrittenBytes + frames.parts.queuedBytes
    if (queuedBytes >= this.#options.bounds.queuedBytesMax) return false
    const headerChars = headerCharsOf(call)
    if (headerChars > headerCharsMax) return this.#refuse(call, 'headers', headerChars)
    if (!writer.introduce(call)) return false
    const inputChars = call.input.length
    if (inputChars > inlineCharsMax) return this.#sendParted(call, writer)
    const id = this.#pending.add(call)
    writer.write(call, id, headerChars + inputChars)
    this.#pending.setTurn(id, frames.output.turn)
    return true
  }

  /** Forgets a call and tells the callee. @returns whether it was on this connection. */
  cancel(call: OutgoingCall): boolean {
    const id = this.#pending.idOf(call)
    if (id === -1) return false
    this.#answers.drop(id)
    this.#writer?.cancel(id)
    this.#pending.take(id)
    this.#closeIfLeft()
    return true
  }

  /** Takes no more calls, and closes when the last one has ended. Idempotent. */
  leave(): void {
    if (this.#state === 'dialling' || this.#state === 'greeting') return this.end('closed')
    if (this.#state !== 'open') return
    this.#state = 'leaving'
    this.#writer?.goodbye()
    this.#closeIfLeft()
  }

  /** Ends it now; its calls are lost. Idempotent. */
  end(cause: string): void {
    this.#dial.stop()
    this.#frames?.close(closeCode.normal, cause)
    this.#ended(cause)
  }

  #sendParted(call: OutgoingCall, writer: CallWriter): boolean {
    const payload = Buffer.from(call.input)
    if (payload.length > this.#payloadBytesMax) return this.#refuse(call, 'input', payload.length)
    const id = this.#pending.add(call)
    // the callee runs nothing before it has the last part
    this.#pending.setTurn(id, Infinity)
    writer.writeParted(call, id, { payload, sent: () => this.#pending.setTurn(id, -1) })
    return true
  }

  /** Fails a call that no connection would take; not at once, for its sender is still sending. */
  #refuse(call: OutgoingCall, part: 'input' | 'headers', bytes: number): true {
    const limit = part === 'headers' ? headerCharsMax : this.#payloadBytesMax
    const error = remoteInputTooLarge({ operation: call.operation, part, bytes, limit })
    process.nextTick(() => this.#options.events.failed(call, encodeRefusal(error)))
    return true
  }

  #upgraded(socket: Socket, head: Buffer): void {
    const { clock, bounds, slabs } = this.#options
    this.#state = 'greeting'
    const frames = new FrameSocket({
      ...{ socket, clock, bounds, slabs, role: 'caller' },
      events: {
        frame: (bytes, start, end) => this.#frame(bytes, start, end),
        ended: (cause, isBroken) => {
          if (isBroken) this.#report(cause)
          this.#ended(cause)
        },
      },
    })
    this.#frames = frames
    this.#writer = new CallWriter(frames)
    this.#greet(frames)
    frames.start(head)
  }

  #greet(frames: FrameSocket): void {
    const { application, service, instance, bounds, clock } = this.#options
    const { inFlightMax, payloadBytesMax, handshakeTimeoutMs } = bounds
    writeHello(frames.output.room(helloBytesMax), {
      ...{ application, service, instance, inFlightMax, payloadBytesMax },
    })
    this.#greeting = clock.after(handshakeTimeoutMs, () => {
      this.end(`no hello within ${handshakeTimeoutMs} ms`)
    })
  }

  #frame(bytes: Buffer, start: number, end: number): void {
    if (this.#state === 'greeting') return this.#greeted(bytes, start, end)
    if (bytes[start + 4] === frameType.goodbye) return this.#goodbye()
    const id = this.#answers.read(bytes, start, end)
    if (id === -1) return
    if (this.#frames?.parts.isIdle === false) this.#frames.parts.drop(id)
    this.#closeIfLeft()
  }

  #greeted(bytes: Buffer, start: number, end: number): void {
    const hello = readHello(bytes, start, end)
    const { address, application, owner } = this.#options
    this.#greeting?.stop()
    // an address may be taken over by another instance
    if (hello.instance !== address.id || hello.application !== application) {
      return this.end(`${hello.instance} of ${hello.application} answers at this address`)
    }
    this.#inFlightMax = Math.min(this.#inFlightMax, hello.inFlightMax)
    this.#payloadBytesMax = Math.min(this.#payloadBytesMax, hello.payloadBytesMax)
    this.#state = 'open'
    owner.opened(this)
  }

  #goodbye(): void {
    this.#options.owner.draining(this)
    this.leave()
  }

  #closeIfLeft(): void {
    if (this.#state === 'leaving' && this.#pending.size === 0) this.end('closed')
  }

  #ended(cause: string): void {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    this.#greeting?.stop()
    const { events, owner } = this.#options
    const turn = this.#frames?.output.turn ?? 0
    for (const id of this.#pending.ids()) {
      const isSent = this.#pending.turnOf(id) < turn
      const call = this.#pending.take(id)
      if (call !== undefined) events.lost(call, isSent, cause)
    }
    owner.ended(this, cause)
  }

  #report(cause: string): void {
    const { address, telemetry } = this.#options
    const { code, message } = remoteProtocolBroken({ peer: address.id, cause })
    telemetry?.logs.log('warn', { code }, message)
  }
}

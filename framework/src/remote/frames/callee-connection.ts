import type { Socket } from 'node:net'
import type { Receiver } from '../../call/index.ts'
import type { BanyanError, Clock, Timer } from '../../kernel/index.ts'
import { remoteCallForbidden, remoteConnectionFull, remoteInputTooLarge } from '../errors.ts'
import type { Peer, PeerPolicy } from '../port.ts'
import { encodeRefusal } from '../refusal-text.ts'
import type { WorkTally } from '../work-tally.ts'
import { AnswerWriter } from './answer-writer.ts'
import type { FramesBounds } from './bounds.ts'
import { CallDecoder, type DecodedCall } from './call-frame.ts'
import { FrameSocket } from './frame-socket.ts'
import { helloBytesMax, readHello, writeHello } from './hello.ts'
import { closeCode, frameType, idFrameBytes, ProtocolError } from './layout.ts'
import { PartAssembly } from './part-assembly.ts'
import { ServedCalls } from './served-calls.ts'
import type { Slabs } from './slab.ts'
import { readText } from './text.ts'

/** What all connections of a listener have in common. */
export interface CalleeOptions {
  readonly application: string
  readonly service: string
  readonly instance: string
  readonly clock: Clock
  readonly bounds: FramesBounds
  readonly slabs: Slabs
  readonly receiver: Receiver
  readonly policy: PeerPolicy
  readonly tally: WorkTally
  /** Why a service may not connect at all, or undefined. */
  findRefusal(service: string): string | undefined
  /** @param isRefused  The peer was refused, or broke the protocol. */
  ended(connection: CalleeConnection, cause: string, isRefused: boolean): void
}

/** Verdicts of the policy that a connection remembers. */
const verdictsMax = 4_096

/** One connection of a peer, on the side that is called.
 *  Invariant: when it ends, every call of it is cancelled. */
export class CalleeConnection {
  readonly #options: CalleeOptions
  readonly #frames: FrameSocket
  readonly #answers: AnswerWriter
  readonly #calls: ServedCalls
  readonly #decoder = new CallDecoder()
  readonly #assembly: PartAssembly<{ readonly call: DecodedCall; readonly atMs: number }>
  /** Why not, by the use; empty when it may. */
  readonly #verdicts = new Map<number, string>()
  readonly #greeting: Timer
  /** The service that a certificate proves. */
  readonly #proved: string | undefined
  #peer: Peer | undefined = undefined
  #saidInstance = ''
  #isLeaving = false

  /** @param proved  The service that the peer's certificate names, if there is one. */
  constructor(options: CalleeOptions, socket: Socket, proved: string | undefined) {
    const { clock, bounds, slabs, receiver, tally } = options
    this.#options = options
    this.#proved = proved
    this.#frames = new FrameSocket({
      ...{ socket, clock, bounds, slabs, role: 'callee' },
      events: {
        frame: (bytes, start, end) => this.#frame(bytes, start, end),
        progressed: () => this.#answers.progressed(),
        ended: (cause, isBroken) => this.#ended(cause, isBroken),
      },
    })
    this.#answers = new AnswerWriter(this.#frames, bounds)
    this.#calls = new ServedCalls(receiver, tally, (served, text, isFailure) =>
      this.#answers.write(served, text, isFailure),
    )
    this.#assembly = new PartAssembly(bounds.payloadBytesMax)
    const { handshakeTimeoutMs } = bounds
    const expire = (): void => this.#frames.destroy(`no hello within ${handshakeTimeoutMs} ms`)
    this.#greeting = clock.after(handshakeTimeoutMs, expire, { background: true })
  }

  /** The peer as logs call it. */
  get peerName(): string {
    const service = this.#proved ?? this.#peer?.service
    return this.#saidInstance || (service === undefined ? 'a peer' : `an instance of ${service}`)
  }

  /** Begins to read. @param head  What came with the upgrade. */
  start(head: Buffer): void {
    const { application, service, instance, bounds } = this.#options
    const { inFlightMax, payloadBytesMax } = bounds
    writeHello(this.#frames.output.room(helloBytesMax), {
      ...{ application, service, instance, inFlightMax, payloadBytesMax },
    })
    if (this.#isLeaving) this.#answers.goodbye()
    this.#frames.start(head)
  }

  /** Asks for no new calls; those that come nevertheless are served. Idempotent. */
  goodbye(): void {
    if (this.#isLeaving) return
    this.#isLeaving = true
    this.#answers.goodbye()
  }

  destroy(cause: string): void {
    this.#frames.destroy(cause)
  }

  #frame(bytes: Buffer, start: number, end: number): void {
    if (this.#peer === undefined) return this.#greeted(bytes, start, end)
    const type = bytes[start + 4]
    if (type === frameType.call) return this.#call(this.#decoder.read(bytes, start, end))
    if (type === frameType.name) return this.#decoder.addName(bytes, start, end)
    // the caller has no new calls, and closes when it has all its answers
    if (type === frameType.goodbye) return
    if (end - start < idFrameBytes || (type !== frameType.cancel && type !== frameType.part)) {
      throw new ProtocolError(closeCode.protocol, `a frame of type ${type} that no caller sends`)
    }
    const id = bytes.readUInt32LE(start + 8)
    if (type === frameType.part) return this.#part(id, { bytes, start, end })
    this.#assembly.drop(id)
    this.#frames.parts.drop(id)
    this.#calls.cancel(id)
  }

  #greeted(bytes: Buffer, start: number, end: number): void {
    if (bytes[start + 4] !== frameType.hello) {
      throw new ProtocolError(closeCode.protocol, 'a frame before the hello')
    }
    const hello = readHello(bytes, start, end)
    this.#saidInstance = hello.instance
    const cause = this.#findHelloError(hello)
    if (cause !== undefined) throw new ProtocolError(closeCode.policy, cause)
    this.#greeting.stop()
    this.#answers.payloadBytesMax = Math.min(this.#answers.payloadBytesMax, hello.payloadBytesMax)
    this.#peer = { service: hello.service, isProved: this.#proved !== undefined }
  }

  #findHelloError(hello: { application: string; service: string }): string | undefined {
    const { application, findRefusal } = this.#options
    if (hello.application !== application) return `an instance of ${hello.application}`
    if (this.#proved !== undefined && this.#proved !== hello.service) {
      return `it says ${hello.service}, its certificate ${this.#proved}`
    }
    return findRefusal(hello.service)
  }

  #call(call: DecodedCall): void {
    const refusal = this.#findRefusal(call)
    if (refusal !== undefined) this.#answers.write(call, encodeRefusal(refusal), true)
    else if (call.partedBytes < 0) this.#calls.begin(call)
    else {
      const atMs = this.#options.clock.monotonicMs()
      this.#assembly.begin(call.id, call.partedBytes, { call, atMs })
    }
  }

  #findRefusal(call: DecodedCall): BanyanError | undefined {
    const { bounds, instance } = this.#options
    const { operation, partedBytes } = call
    if (this.#calls.working >= bounds.inFlightMax) {
      return remoteConnectionFull({ instance, limit: bounds.inFlightMax })
    }
    if (partedBytes > bounds.payloadBytesMax) {
      const limit = bounds.payloadBytesMax
      return remoteInputTooLarge({ operation, part: 'input', bytes: partedBytes, limit })
    }
    const reason = this.#verdicts.get(call.use) ?? this.#judge(call)
    return reason === '' ? undefined : remoteCallForbidden({ operation, reason })
  }

  /** Asks the policy, once per operation and calling module. */
  #judge(call: DecodedCall): string {
    if (this.#peer === undefined) return 'it has not said who it is'
    const reason = this.#options.policy(this.#peer, call) ?? ''
    if (this.#verdicts.size >= verdictsMax) this.#verdicts.clear()
    this.#verdicts.set(call.use, reason)
    return reason
  }

  #part(id: number, frame: { bytes: Buffer; start: number; end: number }): void {
    const whole = this.#assembly.add(id, frame)
    if (whole === undefined) return
    const { call, atMs } = whole.announced
    // the deadline went on while the parts came
    const passedMs = this.#options.clock.monotonicMs() - atMs
    const input = readText(whole.bytes, 0, whole.bytes.length)
    this.#calls.begin({ ...call, input, timeoutMs: Math.max(call.timeoutMs - passedMs, 0) })
  }

  #ended(cause: string, isBroken: boolean): void {
    this.#greeting.stop()
    this.#calls.cancelAll()
    this.#options.ended(this, cause, isBroken)
  }
}

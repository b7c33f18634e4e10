import { remoteOutputTooLarge } from '../errors.ts'
import { encodeRefusal } from '../refusal-text.ts'
import type { FramesBounds } from './bounds.ts'
import type { FrameSocket } from './frame-socket.ts'
import { flagInParts, frameType, headBytes, idFrameBytes, inlineCharsMax } from './layout.ts'
import type { ServedCall } from './served-call.ts'
import type { Slab } from './slab.ts'

/** Writes what a callee says. A caller that does not read is not read from either, and cut off when
 *  too much waits for it. */
export class AnswerWriter {
  /** The smaller of both ends' counts. */
  payloadBytesMax: number
  readonly #frames: FrameSocket
  readonly #bounds: FramesBounds
  #isPaused = false

  constructor(frames: FrameSocket, bounds: FramesBounds) {
    this.#frames = frames
    this.#bounds = bounds
    this.payloadBytesMax = bounds.payloadBytesMax
  }

  /** Writes the end of a call. */
  write(call: Pick<ServedCall, 'id' | 'operation'>, text: string, isFailure: boolean): void {
    const type = isFailure ? frameType.failure : frameType.answer
    if (text.length > inlineCharsMax) this.#writeParted(call, text, type)
    else {
      const slab = this.#frames.output.room(idFrameBytes + text.length * 3)
      slab.begin(type, 0, 0)
      slab.u32(call.id)
      slab.text(text)
      slab.end()
    }
    if (this.#waitingBytes > this.#bounds.answerBytesHigh) this.#hold()
  }

  /** Asks for no new calls. */
  goodbye(): void {
    const slab = this.#frames.output.room(headBytes)
    slab.begin(frameType.goodbye, 0, 0)
    slab.end()
  }

  /** The machine has taken something. */
  progressed(): void {
    if (!this.#isPaused) return
    // nothing can be heard of a peer that is not read from
    this.#frames.liveness.heard()
    if (this.#waitingBytes > this.#bounds.answerBytesHigh / 2) return
    this.#isPaused = false
    this.#frames.resume()
  }

  get #waitingBytes(): number {
    return this.#frames.output.unwrittenBytes + this.#frames.parts.queuedBytes
  }

  #hold(): void {
    const { answerBytesMax } = this.#bounds
    if (this.#waitingBytes > answerBytesMax) {
      return this.#frames.destroy(
        `more than ${answerBytesMax} bytes of answers wait for the caller`,
      )
    }
    if (this.#isPaused) return
    this.#isPaused = true
    this.#frames.pause()
  }

  #writeParted(call: Pick<ServedCall, 'id' | 'operation'>, text: string, type: number): void {
    const { id, operation } = call
    const payload = Buffer.from(text)
    const limit = this.payloadBytesMax
    if (payload.length > limit) {
      const error = remoteOutputTooLarge({ operation, bytes: payload.length, limit })
      return this.write(call, encodeRefusal(error), true)
    }
    const writeHead = (slab: Slab): void => {
      slab.begin(type, flagInParts, 0)
      slab.u32(id)
      slab.u32(payload.length)
      slab.end()
    }
    const sent = (): void => {}
    this.#frames.parts.add({ id, payload, headBytesMax: idFrameBytes + 4, writeHead, sent })
  }
}

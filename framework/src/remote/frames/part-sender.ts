import { idFrameBytes, frameType, partBytes, partedMax } from './layout.ts'
import type { Output } from './output.ts'
import { headroomBytes, Slab } from './slab.ts'

/** A payload that is too long for one frame. */
export interface PartedPayload {
  readonly id: number
  readonly payload: Buffer
  /** Longest that `writeHead` makes the slab. */
  readonly headBytesMax: number
  /** Writes the frame that announces the parts; called when their turn has come. */
  writeHead(slab: Slab): void
  /** Called when the last part has left. */
  sent(): void
}

interface Progress {
  readonly item: PartedPayload
  at: number
}

/** Sends long payloads in parts, a few at once and in turns. Only one part waits in this process at a
 *  time, so that a small frame has to wait for no more than that.
 *  Invariant: at most `partedMax` payloads have begun and not ended. */
export class PartSender {
  /** Bytes that were taken and are not sent. */
  queuedBytes = 0
  readonly #output: Output
  readonly #waiting: PartedPayload[] = []
  readonly #begun: Progress[] = []
  #turn = 0
  #isWriting = false
  readonly #written = (): void => {
    this.#isWriting = false
    this.#sendNext()
  }

  constructor(output: Output) {
    this.#output = output
  }

  get isIdle(): boolean {
    return this.#begun.length === 0 && this.#waiting.length === 0
  }

  add(item: PartedPayload): void {
    this.queuedBytes += item.payload.length
    this.#waiting.push(item)
    this.#sendNext()
  }

  /** Sends no more of a payload; nobody waits for it. */
  drop(id: number): void {
    const waiting = this.#waiting.findIndex((item) => item.id === id)
    if (waiting !== -1) {
      for (const item of this.#waiting.splice(waiting, 1)) this.queuedBytes -= item.payload.length
    }
    const begun = this.#begun.findIndex(({ item }) => item.id === id)
    if (begun !== -1) {
      for (const { item, at } of this.#begun.splice(begun, 1)) {
        this.queuedBytes -= item.payload.length - at
      }
    }
  }

  #sendNext(): void {
    if (this.#isWriting) return
    while (this.#begun.length < partedMax) {
      const item = this.#waiting.shift()
      if (item === undefined) break
      this.#begun.push({ item, at: 0 })
    }
    this.#turn = (this.#turn + 1) % Math.max(this.#begun.length, 1)
    const progress = this.#begun[this.#turn]
    if (progress !== undefined) this.#sendPart(progress)
  }

  #sendPart(progress: Progress): void {
    const { item, at } = progress
    const slab = new Slab(headroomBytes + (at === 0 ? item.headBytesMax : 0) + idFrameBytes)
    if (at === 0) item.writeHead(slab)
    const part = item.payload.subarray(at, at + partBytes)
    slab.begin(frameType.part, 0, 0)
    slab.u32(item.id)
    slab.end(part.length)
    progress.at += part.length
    this.queuedBytes -= part.length
    const isLast = progress.at === item.payload.length
    if (isLast) this.#begun.splice(this.#begun.indexOf(progress), 1)
    this.#isWriting = true
    const hasLeft = this.#output.sendParted(slab, part, this.#written)
    if (isLast && hasLeft) item.sent()
  }
}

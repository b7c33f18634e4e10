import { closeCode, frameBytesMax, headBytes, ProtocolError } from './layout.ts'

/** Takes one whole frame, from its length to its last byte; the bytes are the reader's again
 *  afterwards. */
export type FrameSink = (bytes: Buffer, start: number, end: number) => void

/** Cuts a stream of bytes into frames, in place; only a frame that is cut by the end of a piece is
 *  copied.
 *  Invariant: between two calls of `push` it holds less than one frame. */
export class FrameReader {
  readonly #sink: FrameSink
  #carry: Buffer = Buffer.alloc(0)
  #carried = 0

  constructor(sink: FrameSink) {
    this.#sink = sink
  }

  /** @throws ProtocolError */
  push(bytes: Buffer, start: number, end: number): void {
    let at = this.#carried === 0 ? start : this.#complete(bytes, start, end)
    while (end - at >= 4) {
      const length = lengthAt(bytes, at)
      if (end - at < length) break
      this.#sink(bytes, at, at + length)
      at += length
    }
    if (at < end) this.#keep(bytes, at, end)
  }

  /** Adds what is missing of the frame that is held, and passes it on once it is whole.
   *  @returns where the next frame begins. */
  #complete(bytes: Buffer, start: number, end: number): number {
    let at = start
    if (this.#carried < 4) {
      const before = this.#carried
      this.#keep(bytes, at, Math.min(at + 4 - before, end))
      at += this.#carried - before
      if (this.#carried < 4) return at
    }
    const length = lengthAt(this.#carry, 0)
    const before = this.#carried
    this.#keep(bytes, at, Math.min(at + length - before, end))
    at += this.#carried - before
    if (this.#carried < length) return at
    const whole = this.#carry
    this.#carried = 0
    this.#sink(whole, 0, length)
    return at
  }

  #keep(bytes: Buffer, start: number, end: number): void {
    const needed = this.#carried + end - start
    if (needed > this.#carry.length) this.#grow(needed)
    bytes.copy(this.#carry, this.#carried, start, end)
    this.#carried = needed
  }

  #grow(needed: number): void {
    const capacity = Math.min(Math.max(needed, this.#carry.length * 2, 1_024), frameBytesMax)
    const larger = Buffer.allocUnsafeSlow(capacity)
    this.#carry.copy(larger, 0, 0, this.#carried)
    this.#carry = larger
  }
}

function lengthAt(bytes: Buffer, at: number): number {
  const length = bytes.readUInt32LE(at)
  if (length > frameBytesMax) {
    throw new ProtocolError(closeCode.tooLarge, `a frame of ${length} bytes`)
  }
  if (length < headBytes) throw new ProtocolError(closeCode.protocol, `a frame of ${length} bytes`)
  return length
}

/** Room before the first frame for the head of a WebSocket message: 2 bytes, 8 of length, 4 of mask. */
export const headroomBytes = 14
const slabBytes = 64 * 1024
/** Slabs kept for the next flush, whoever makes it. */
const keptMax = 64

/** A piece of memory that frames are written into, one after another, until it leaves as one
 *  WebSocket message. It comes back when the machine has taken it: a fresh one for each flush would
 *  halve the rate. */
export class Slab {
  readonly bytes: Buffer
  /** Where the next byte goes. */
  used: number = headroomBytes
  /** Who hears of it when this slab was written. */
  owner: { slabWritten(slab: Slab): void } | undefined = undefined
  /** The callback of the socket; one per slab, not one per write. */
  readonly written: () => void = () => this.owner?.slabWritten(this)
  #start = 0

  constructor(size: number = slabBytes) {
    this.bytes = Buffer.allocUnsafeSlow(size)
  }

  get isEmpty(): boolean {
    return this.used === headroomBytes
  }

  hasRoom(bytes: number): boolean {
    return this.used + bytes <= this.bytes.length
  }

  /** Begins a frame. Requires: room for all of it. */
  begin(type: number, flags: number, name: number): void {
    this.#start = this.used
    this.bytes.writeUInt32LE((type | (flags << 8) | (name << 16)) >>> 0, this.used + 4)
    this.used += 8
  }

  /** Adds a flag to the frame that begins at `start`. */
  addFlag(start: number, flag: number): void {
    this.bytes[start + 5] = (this.bytes[start + 5] ?? 0) | flag
  }

  u32(value: number): void {
    this.bytes.writeUInt32LE(value, this.used)
    this.used += 4
  }

  u16At(at: number, value: number): void {
    this.bytes.writeUInt16LE(value, at)
  }

  /** @returns the number of bytes that the text has in UTF-8. */
  text(text: string): number {
    if (text === '') return 0
    const count = this.bytes.write(text, this.used)
    this.used += count
    return count
  }

  /** Writes texts one behind the other, and the number of bytes of each as u16 from `lengthsAt` on. One
   *  native call writes them all where each character is one byte, as is usual. */
  texts(lengthsAt: number, texts: readonly string[]): void {
    const start = this.used
    let joined = ''
    for (const text of texts) joined += text
    const isPlain = this.text(joined) === joined.length
    if (!isPlain) this.used = start
    let at = lengthsAt
    for (const text of texts) {
      this.u16At(at, isPlain ? text.length : this.text(text))
      at += 2
    }
  }

  /** Ends the frame that was begun.
   *  @param outsideBytes  Of it that follow from elsewhere. */
  end(outsideBytes: number = 0): void {
    this.bytes.writeUInt32LE(this.used - this.#start + outsideBytes, this.#start)
  }
}

/** Slabs that nobody uses now; shared by all connections of a carrier or listener. */
export class Slabs {
  readonly #free: Slab[] = []

  take(): Slab {
    return this.#free.pop() ?? new Slab()
  }

  give(slab: Slab): void {
    slab.used = headroomBytes
    slab.owner = undefined
    if (this.#free.length < keptMax) this.#free.push(slab)
  }
}

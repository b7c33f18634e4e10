import type { Socket } from 'node:net'
import { headroomBytes, Slab, type Slabs } from './slab.ts'
import { opcode, writeMessageHead } from './web-socket-head.ts'

/** So many bytes do not wait for the end of the tick. The other end then works on the first calls of a
 *  burst while the last ones are still being written: at 64 callers that is half the latency and half
 *  as many calls again (measured with 4 to 24 KiB, and without). */
const burstBytes = 8 * 1024
/** What ends a tick with less is taken for the first of many that come one by one in the same turn of the
 *  event loop, as answers do whose timers are due together; the others leave together when the turn
 *  ends. At 256 callers of uneven handlers that is a third more calls per second of CPU. */
const dribbleBytes = 2 * 1024
/** While so many bytes wait for the machine, slabs are filled: each takes its whole memory. */
const unwrittenBytesHigh = 128 * 1024

/** The way out of a connection: what is written during one tick leaves as one WebSocket message, as a few
 *  where it is much, and later, with what the same turn of the event loop adds, where it is little and
 *  not the first.
 *  Invariant: frames leave in the order in which they were written. */
export class Output {
  /** Slabs that have left; a frame written at turn n has not left while this is n. */
  turn = 0
  /** Bytes handed to the socket that the machine has not taken yet. */
  unwrittenBytes = 0
  /** Called when the machine has taken something. */
  progressed: (() => void) | undefined = undefined
  readonly #socket: Socket
  readonly #slabs: Slabs
  readonly #isMasked: boolean
  #slab: Slab | undefined = undefined
  #isScheduled = false
  /** Something little has left in this turn of the event loop. */
  #isDribbling = false
  #isEnded = false

  constructor(socket: Socket, slabs: Slabs, isMasked: boolean) {
    this.#socket = socket
    this.#slabs = slabs
    this.#isMasked = isMasked
  }

  /** Memory for a frame of at most `bytes`, which leaves at the end of this tick, or of this turn of the
   *  event loop at the latest. */
  room(bytes: number): Slab {
    let slab = this.#slab
    if (slab === undefined || !slab.hasRoom(bytes) || this.#isBurst(slab)) {
      if (slab !== undefined) this.#send(slab)
      slab = this.#slabs.take()
      this.#slab = slab
    }
    if (!this.#isScheduled) {
      this.#isScheduled = true
      // after all microtasks of this tick, which are the other callers
      if (!this.#isDribbling) process.nextTick(tickEnded, this)
    }
    return slab
  }

  tickEnded(): void {
    if (this.#slab !== undefined && this.#slab.used < dribbleBytes) {
      this.#isDribbling = true
      setImmediate(turnEnded, this)
    }
    this.flush()
  }

  turnEnded(): void {
    this.#isDribbling = false
    this.flush()
  }

  /** Sends what was written so far. */
  flush(): void {
    this.#isScheduled = false
    const slab = this.#slab
    if (slab === undefined) return
    this.#slab = undefined
    this.#send(slab)
  }

  /** Sends a frame and bytes behind it as one message of its own, after what was written before.
   *  @param head  A slab made for this; it does not come back.
   *  @returns whether it has left this process. */
  sendParted(head: Slab, payload: Buffer, written: () => void): boolean {
    this.flush()
    const message = { opcode: opcode.binary, isMasked: this.#isMasked }
    const payloadBytes = head.used - headroomBytes + payload.length
    const start = writeMessageHead(head.bytes, payloadBytes, message)
    if (this.#isEnded || this.#socket.destroyed) return false
    this.unwrittenBytes += payload.length
    this.turn++
    const done = (): void => {
      this.unwrittenBytes -= payload.length
      this.progressed?.()
      written()
    }
    this.#socket.cork()
    this.#socket.write(head.bytes.subarray(start, head.used))
    this.#socket.write(payload, done)
    this.#socket.uncork()
    return true
  }

  /** Sends a ping, pong or close. @param payload  At most 125 bytes. */
  sendControl(code: number, payload: Buffer): void {
    this.flush()
    if (this.#isEnded) return
    const bytes = Buffer.alloc(headroomBytes + payload.length)
    const start = writeMessageHead(bytes, payload.length, {
      opcode: code,
      isMasked: this.#isMasked,
    })
    payload.copy(bytes, headroomBytes)
    this.unwrittenBytes += bytes.length
    this.#socket.write(bytes.subarray(start), () => {
      this.unwrittenBytes -= bytes.length
    })
  }

  /** Sends nothing more; what was not flushed is dropped. */
  end(): void {
    this.#isEnded = true
    this.#slab = undefined
  }

  slabWritten(slab: Slab): void {
    this.unwrittenBytes -= slab.used
    this.#slabs.give(slab)
    this.progressed?.()
  }

  #isBurst(slab: Slab): boolean {
    return slab.used >= burstBytes && this.unwrittenBytes < unwrittenBytesHigh
  }

  #send(slab: Slab): void {
    if (this.#isEnded || this.#socket.destroyed) return
    this.turn++
    this.unwrittenBytes += slab.used
    slab.owner = this
    const start = writeMessageHead(slab.bytes, slab.used - headroomBytes, {
      opcode: opcode.binary,
      isMasked: this.#isMasked,
    })
    this.#socket.write(slab.bytes.subarray(start, slab.used), slab.written)
  }
}

function tickEnded(output: Output): void {
  output.tickEnded()
}

function turnEnded(output: Output): void {
  output.turnEnded()
}

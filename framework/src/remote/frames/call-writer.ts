import type { OutgoingCall } from '../../call/index.ts'
import { beginCall, callHeadBytesMax, callTextsAt } from './call-frame.ts'
import type { FrameSocket } from './frame-socket.ts'
import { flagInParts, frameType, headBytes, idFrameBytes } from './layout.ts'
import { NameIndexes } from './name-table.ts'

/** Writes the frames of a caller. */
export class CallWriter {
  readonly #frames: FrameSocket
  readonly #names = new NameIndexes()

  constructor(frames: FrameSocket) {
    this.#frames = frames
  }

  /** Introduces the names that a call needs.
   *  @returns whether they are known now; not when the table is full, which no application fills. */
  introduce({ operation, callerModule }: OutgoingCall): boolean {
    return (
      this.#introduce(operation) && (callerModule === undefined || this.#introduce(callerModule))
    )
  }

  /** Writes a call with its input. Requires: its names are introduced. */
  write(call: OutgoingCall, id: number, charsMax: number): void {
    const slab = this.#frames.output.room(callTextsAt + charsMax * 3)
    beginCall(slab, call, this.#indexes(call, id))
    slab.text(call.input)
    slab.end()
  }

  /** Announces a call and sends its input in parts. @param sent  Called when the last has left. */
  writeParted(call: OutgoingCall, id: number, parted: { payload: Buffer; sent(): void }): void {
    this.#frames.parts.add({
      ...{ id, payload: parted.payload, sent: parted.sent, headBytesMax: callHeadBytesMax },
      writeHead: (slab) => {
        const start = slab.used
        beginCall(slab, call, this.#indexes(call, id))
        slab.addFlag(start, flagInParts)
        slab.u32(parted.payload.length)
        slab.end()
      },
    })
  }

  /** Tells the callee that nobody waits for a call any more. */
  cancel(id: number): void {
    this.#frames.parts.drop(id)
    const slab = this.#frames.output.room(idFrameBytes)
    slab.begin(frameType.cancel, 0, 0)
    slab.u32(id)
    slab.end()
  }

  /** Tells the callee that no new calls will come. */
  goodbye(): void {
    const slab = this.#frames.output.room(headBytes)
    slab.begin(frameType.goodbye, 0, 0)
    slab.end()
  }

  #indexes(call: OutgoingCall, id: number): { id: number; operation: number; caller: number } {
    const { operation, callerModule } = call
    const caller = callerModule === undefined ? 0 : this.#names.get(callerModule)
    return { id, operation: this.#names.get(operation), caller }
  }

  #introduce(name: string): boolean {
    if (this.#names.get(name) !== 0) return true
    if (!this.#names.hasRoom) return false
    this.#names.add(name, this.#frames.output.room(headBytes + name.length * 3))
    return true
  }
}

import type { OutgoingCall } from '../call/index.ts'
import type { Journey } from './journey.ts'
import type { Member } from './member.ts'

/** Every call under way: where it is at its first attempt, or what has happened to it since.
 *  Not a Map, though it reads like one: a Map that calls come to and leave is rebuilt all the time, and
 *  each table that was replaced keeps what it held, and all tables after it, until the next full
 *  collection. A fifth of all garbage then lived on, and half the rate was lost to copying it.
 *  Invariant: `call.senderSlot` is where it stands, −1 when it is not under way. */
export class CallsUnderWay {
  readonly #calls: (OutgoingCall | undefined)[] = []
  readonly #entries: (Member | Journey | undefined)[] = []
  readonly #free: number[] = []

  get size(): number {
    return this.#calls.length - this.#free.length
  }

  get(call: OutgoingCall): Member | Journey | undefined {
    return call.senderSlot < 0 ? undefined : this.#entries[call.senderSlot]
  }

  set(call: OutgoingCall, entry: Member | Journey): void {
    if (call.senderSlot < 0) call.senderSlot = this.#free.pop() ?? this.#calls.length
    this.#calls[call.senderSlot] = call
    this.#entries[call.senderSlot] = entry
  }

  /** @returns whether it was under way. */
  delete(call: OutgoingCall): boolean {
    const slot = call.senderSlot
    if (slot < 0) return false
    call.senderSlot = -1
    this.#calls[slot] = undefined
    this.#entries[slot] = undefined
    this.#free.push(slot)
    return true
  }

  /** Those of this moment; they may be deleted meanwhile. */
  *[Symbol.iterator](): Generator<readonly [OutgoingCall, Member | Journey]> {
    for (const [slot, call] of this.#calls.slice().entries()) {
      const entry = this.#entries[slot]
      if (call !== undefined && entry !== undefined && this.#calls[slot] === call) {
        yield [call, entry]
      }
    }
  }
}

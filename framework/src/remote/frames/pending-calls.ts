import type { OutgoingCall } from '../../call/index.ts'

const slotBits = 16
const slotMask = (1 << slotBits) - 1
/** 15 bits, so that an id is a small integer to the engine. */
const generationMax = 0x7fff

/** The calls of one connection that were sent and have not ended, by their ids.
 *  Invariant: an id is never given twice within 32,768 uses of its slot. */
export class PendingCalls {
  /** How many. */
  size = 0
  readonly #calls: (OutgoingCall | undefined)[] = []
  /** The id of each slot's call, or of its next one. */
  readonly #ids: number[] = []
  /** The output's turn in which each call was written; Infinity until its last part was. */
  readonly #turns: number[] = []
  readonly #free: number[] = []

  /** @returns the id of the call. Requires: fewer than 65,536 are pending. */
  add(call: OutgoingCall): number {
    let slot = this.#free.pop()
    if (slot === undefined) {
      slot = this.#calls.length
      this.#ids.push(slot)
    }
    this.#calls[slot] = call
    this.#turns[slot] = Infinity
    this.size++
    return this.#ids[slot] ?? slot
  }

  get(id: number): OutgoingCall | undefined {
    const slot = id & slotMask
    return this.#ids[slot] === id ? this.#calls[slot] : undefined
  }

  /** The id of a call, or −1. Cost: a scan of the slots. */
  idOf(call: OutgoingCall): number {
    const slot = this.#calls.indexOf(call)
    return slot === -1 ? -1 : (this.#ids[slot] ?? -1)
  }

  turnOf(id: number): number {
    return this.#turns[id & slotMask] ?? 0
  }

  setTurn(id: number, turn: number): void {
    this.#turns[id & slotMask] = turn
  }

  /** Forgets a call. @returns it, or undefined when there was none with this id. */
  take(id: number): OutgoingCall | undefined {
    const slot = id & slotMask
    const call = this.#ids[slot] === id ? this.#calls[slot] : undefined
    if (call === undefined) return undefined
    this.#calls[slot] = undefined
    const generation = ((id >>> slotBits) + 1) & generationMax
    this.#ids[slot] = (generation << slotBits) | slot
    this.#free.push(slot)
    this.size--
    return call
  }

  /** All ids, oldest slot first. */
  ids(): number[] {
    return this.#ids.filter((_, slot) => this.#calls[slot] !== undefined)
  }
}

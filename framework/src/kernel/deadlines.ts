import type { Clock, Timer } from './clock.ts'

/** Something with a deadline that can be linked into `Deadlines` without an allocation. */
export interface Expiring {
  /** Monotonic milliseconds. */
  readonly deadlineMs: number
  deadlinePrevious: Expiring | undefined
  deadlineNext: Expiring | undefined
  deadlineSlot: number
  /** Called once, after the deadline has passed. */
  expire(): void
}

const tickMs = 8
const slotCount = 1024

/** A timer wheel: one machine timer for any number of deadlines, each expired within 8 ms after its
 *  moment, later only by what the event loop itself is late. Watching and unwatching cost a few
 *  field writes.
 *  Invariant: an item is in at most one slot; `deadlineSlot` is −1 when it is in none. */
export class Deadlines {
  readonly #clock: Clock
  readonly #slots: (Expiring | undefined)[] = new Array<Expiring | undefined>(slotCount).fill(
    undefined,
  )
  #watched = 0
  #lastTick = 0
  #timer: Timer | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  watch(item: Expiring): void {
    if (this.#timer === undefined) this.#start()
    // what is already due goes where the next tick looks, not where the wheel comes by in 8 s
    const tick = Math.max(Math.floor(item.deadlineMs / tickMs), this.#lastTick)
    const slot = tick & (slotCount - 1)
    const first = this.#slots[slot]
    item.deadlineSlot = slot
    item.deadlinePrevious = undefined
    item.deadlineNext = first
    if (first !== undefined) first.deadlinePrevious = item
    this.#slots[slot] = item
    this.#watched++
  }

  unwatch(item: Expiring): void {
    if (item.deadlineSlot < 0) return
    const { deadlinePrevious: previous, deadlineNext: next } = item
    if (previous === undefined) this.#slots[item.deadlineSlot] = next
    else previous.deadlineNext = next
    if (next !== undefined) next.deadlinePrevious = previous
    item.deadlineSlot = -1
    item.deadlinePrevious = undefined
    item.deadlineNext = undefined
    this.#watched--
  }

  #start(): void {
    this.#lastTick = Math.floor(this.#clock.monotonicMs() / tickMs)
    this.#timer = this.#clock.after(tickMs, () => this.#tick())
  }

  #tick(): void {
    const nowMs = this.#clock.monotonicMs()
    const tick = Math.floor(nowMs / tickMs)
    const from = Math.max(this.#lastTick, tick - slotCount + 1)
    this.#lastTick = tick
    for (let index = from; index <= tick; index++) this.#expireSlot(index & (slotCount - 1), nowMs)
    this.#timer = this.#watched === 0 ? undefined : this.#clock.after(tickMs, () => this.#tick())
  }

  #expireSlot(slot: number, nowMs: number): void {
    let item = this.#slots[slot]
    while (item !== undefined) {
      const next = item.deadlineNext
      if (item.deadlineMs <= nowMs) {
        this.unwatch(item)
        item.expire()
      }
      // what has expired may have unlinked the next one, whose own `next` then says nothing
      item = next === undefined || next.deadlineSlot === slot ? next : this.#slots[slot]
    }
  }
}

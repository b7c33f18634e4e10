import type { Clock } from '../kernel/index.ts'
import { settleMsMax } from './limits.ts'
import type { Connection } from './port.ts'
import type { QueuedRead, ReadPath } from './read-parts.ts'

/** A head that has run this long holds up what was sent behind it. */
const stallMs = 25
/** A cancel that came too early, between two statements, is repeated after this. */
const cancelAgainMs = 50
/** A cancel takes effect within this, or not at all. */
const strayCancelMs = 1_000

/** One pipelined read connection and what is on its way there, oldest first. The server works on
 *  the head; the others wait behind it.
 *  Invariant: answers arrive in the order of sending. */
export class ReadLane implements ReadPath {
  inFlight = 0
  lastUsedMs: number
  readonly #connection: Connection
  readonly #clock: Clock
  readonly #answered: (lane: ReadLane) => void
  #head: QueuedRead | undefined
  #tail: QueuedRead | undefined
  #headSinceMs = 0
  #isRetired = false
  #isCancelling = false
  #cancelledMs = Number.NEGATIVE_INFINITY

  constructor(connection: Connection, clock: Clock, answered: (lane: ReadLane) => void) {
    this.#connection = connection
    this.#clock = clock
    this.#answered = answered
    this.lastUsedMs = clock.monotonicMs()
  }

  get isUsable(): boolean {
    return !this.#isRetired && this.#connection.isOpen
  }

  /** Whether the connection still exists, if only to answer what was sent. */
  get isOpen(): boolean {
    return this.#connection.isOpen
  }

  get isCancelNear(): boolean {
    return this.#clock.monotonicMs() - this.#cancelledMs < strayCancelMs
  }

  /** Whether the server has been busy with one statement for long. */
  isStalled(nowMs: number): boolean {
    return this.inFlight > 0 && nowMs - this.#headSinceMs > stallMs
  }

  /** @throws KERNEL_VALUE_UNENCODABLE; nothing was sent. */
  send(statement: QueuedRead): void {
    this.#connection.send(statement)
    statement.sentOn(this)
    if (this.#tail === undefined) this.#setHead(statement)
    else this.#tail.next = statement
    this.#tail = statement
    this.inFlight++
  }

  answered(statement: QueuedRead): void {
    this.inFlight--
    this.#setHead(statement.next)
    if (statement.next === undefined) this.#tail = undefined
    if (this.#isRetired && this.inFlight === 0) void this.#connection.close()
    if (this.#head?.isSettled === true) void this.#cancelHead()
    this.#answered(this)
  }

  abandoned(statement: QueuedRead): void {
    if (this.#head === statement) void this.#cancelHead()
  }

  retire(): void {
    if (this.#isRetired) return
    this.#isRetired = true
    if (this.inFlight === 0) void this.#connection.close()
  }

  destroy(): void {
    this.#isRetired = true
    this.#connection.destroy()
  }

  #setHead(statement: QueuedRead | undefined): void {
    this.#head = statement
    this.lastUsedMs = this.#clock.monotonicMs()
    this.#headSinceMs = this.lastUsedMs
  }

  async #cancelHead(): Promise<void> {
    if (this.#isCancelling) return
    this.#isCancelling = true
    const target = this.#head
    const sinceMs = this.#clock.monotonicMs()
    while (this.#head === target && target !== undefined) {
      if (this.#clock.monotonicMs() - sinceMs > settleMsMax) this.#connection.destroy()
      this.#cancelledMs = this.#clock.monotonicMs()
      await this.#connection.cancel()
      await new Promise<void>((resolve) => this.#clock.after(cancelAgainMs, resolve))
    }
    this.#isCancelling = false
    if (this.#head?.isSettled === true) void this.#cancelHead()
  }
}

import type { Clock } from '../kernel/index.ts'
import { within } from './within.ts'

/** How long a suspect waits until what runs has ended: then it begins beside it. */
const emptyMsMax = 10_000
/** How long nothing may begin beside a suspect: who has not died by then is hardly to blame. */
const aloneMsMax = 60_000

/** Lets the messages of a process run side by side, except suspects: those whose process died are run
 *  with nothing beside them, so that the next death blames only them. Closed for at most 70 s. */
export class SuspectGate {
  readonly #clock: Clock
  readonly #openers: (() => void)[] = []
  #running = 0
  #isClosed = false
  #emptied: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Whether nothing may begin now, because suspects run. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Calls `opened` whenever messages may begin again. */
  onOpen(opened: () => void): void {
    this.#openers.push(opened)
  }

  begin(): void {
    this.#running++
  }

  end(): void {
    this.#running--
    if (this.#running === 0) this.#emptied?.()
  }

  /** Waits until nothing runs, then runs `work` while nothing else begins.
   *  Requires: the gate is open; `work` never rejects. */
  async alone(work: () => Promise<unknown>): Promise<void> {
    this.#isClosed = true
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#emptied = resolve
    if (this.#running === 0) resolve()
    await within(this.#clock, emptyMsMax, promise)
    this.#emptied = undefined
    await within(this.#clock, aloneMsMax, work())
    this.#isClosed = false
    for (const opened of this.#openers) opened()
  }
}

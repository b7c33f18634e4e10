import { mailUnavailable } from '../../mail/index.ts'

/** A bounded number of connections, and a bounded line before them. */
export class Slots {
  readonly #waitingMax: number
  #free: number
  readonly #waiting = new Set<() => void>()

  constructor(count: number, waitingMax: number) {
    this.#free = count
    this.#waitingMax = waitingMax
  }

  /** Waits for a slot; whoever waits longest gets the next.
   *  @throws MAIL_UNAVAILABLE when too many wait already · the reason of `signal` */
  async take(signal: AbortSignal): Promise<void> {
    if (this.#free > 0) {
      this.#free--
      return
    }
    if (this.#waiting.size >= this.#waitingMax) {
      throw mailUnavailable({ cause: `${this.#waitingMax} mails wait for a connection already` })
    }
    await new Promise<void>((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.delete(enter)
        reject(signal.reason as Error)
      }
      const enter = (): void => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      signal.addEventListener('abort', leave, { once: true })
      this.#waiting.add(enter)
    })
  }

  /** Gives a slot back. Requires: one `take` that has ended well. */
  give(): void {
    for (const enter of this.#waiting) {
      this.#waiting.delete(enter)
      enter()
      return
    }
    this.#free++
  }
}

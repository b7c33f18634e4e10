import type { Clock, Timer } from '../kernel/index.ts'

/** Lets one loop sleep until something happens or a time has passed. A ring while it is awake is
 *  remembered. */
export class Doorbell {
  readonly #clock: Clock
  #isRung = false
  #wake: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  ring(): void {
    this.#isRung = true
    this.#wake?.()
  }

  /** Returns at the next ring, at most after `ms`. */
  async wait(ms: number): Promise<void> {
    if (!this.#isRung) {
      let timer: Timer | undefined
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        timer = this.#clock.after(ms, resolve, { background: true })
      })
      timer?.stop()
      this.#wake = undefined
    }
    this.#isRung = false
  }
}

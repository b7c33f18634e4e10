import type { Expiring } from '../kernel/index.ts'

/** Ends a wait for a connection that has lasted too long. */
export class WaitGuard implements Expiring {
  readonly deadlineMs: number
  deadlinePrevious: Expiring | undefined = undefined
  deadlineNext: Expiring | undefined = undefined
  deadlineSlot = -1
  readonly #giveUp: () => void

  constructor(deadlineMs: number, giveUp: () => void) {
    this.deadlineMs = deadlineMs
    this.#giveUp = giveUp
  }

  expire(): void {
    this.#giveUp()
  }
}

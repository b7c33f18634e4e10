/** Lets the messages of a process run side by side, except suspects: those whose process died are run
 *  with nothing beside them, so that the next death blames only them. */
export class SuspectGate {
  #running = 0
  #isClosed = false
  readonly #waiting: (() => void)[] = []
  #emptied: (() => void) | undefined

  /** Messages that run now. */
  get running(): number {
    return this.#running
  }

  /** Resolves when messages may begin. */
  async opened(): Promise<void> {
    while (this.#isClosed) await new Promise<void>((resolve) => void this.#waiting.push(resolve))
  }

  begin(): void {
    this.#running++
  }

  end(): void {
    this.#running--
    if (this.#running === 0) this.#emptied?.()
  }

  /** Waits until nothing runs, then runs `work` while nothing else may begin. */
  async alone<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.opened()
    this.#isClosed = true
    try {
      if (this.#running > 0) await new Promise<void>((resolve) => (this.#emptied = resolve))
      this.#emptied = undefined
      return await work()
    } finally {
      this.#isClosed = false
      for (const wake of this.#waiting.splice(0)) wake()
    }
  }
}

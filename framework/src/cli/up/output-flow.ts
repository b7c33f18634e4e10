/** Standard output of a process that must not be held up, nor fill its memory, by a slow reader: it is
 *  asked before more is read, and told when the reader has gone. */
export class OutputFlow {
  /** Fulfils when nobody reads any more. */
  readonly closed: Promise<void>
  #isFull = false

  constructor() {
    const { stdout } = process
    const { promise, resolve } = Promise.withResolvers<void>()
    this.closed = promise
    // Instead of ending at once: processes are to be stopped first.
    stdout.removeAllListeners('error')
    stdout.on('error', () => resolve())
    stdout.on('drain', () => {
      this.#isFull = false
    })
  }

  get mayWrite(): boolean {
    return !this.#isFull
  }

  write(text: string): void {
    this.#isFull = !process.stdout.write(text)
  }
}

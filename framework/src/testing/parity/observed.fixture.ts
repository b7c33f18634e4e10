/** What handlers of the parity application noticed, by the label of the case that asked. Handlers may
 *  run more than once per call, and in instances that were killed. */
export class Observed {
  readonly #facts = new Map<string, string[]>()
  readonly #waiting: { readonly label: string; readonly fact: string; notify(): void }[] = []

  note(label: string, fact: string): void {
    const facts = this.#facts.get(label) ?? []
    this.#facts.set(label, [...facts, fact])
    for (const waiter of this.#waiting) {
      if (waiter.label === label && waiter.fact === fact) waiter.notify()
    }
  }

  of(label: string): readonly string[] {
    return this.#facts.get(label) ?? []
  }

  /** Fulfils when the fact is noted, or was. */
  async until(label: string, fact: string): Promise<void> {
    if (this.of(label).includes(fact)) return
    await new Promise<void>((resolve) => void this.#waiting.push({ label, fact, notify: resolve }))
  }
}

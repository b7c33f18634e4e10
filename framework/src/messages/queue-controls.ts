import type { QueueControl } from './message-store.ts'
import type { Queue } from './queue.ts'

/** What limits the queues of one module: what an operator said, else what was declared. */
export class QueueControls {
  readonly #queues: ReadonlyMap<string, Queue>
  #paused: readonly string[] = []
  #limited: readonly QueueControl[] = []
  #excluded: readonly string[] = []

  constructor(queues: ReadonlyMap<string, Queue>) {
    this.#queues = queues
    this.learn([])
  }

  /** Queues that nothing is taken from. */
  get paused(): readonly string[] {
    return this.#paused
  }

  /** Queues that are taken from one by one, each up to its limits. */
  get limited(): readonly QueueControl[] {
    return this.#limited
  }

  /** Queues that the common lease leaves out: all of both. */
  get excluded(): readonly string[] {
    return this.#excluded
  }

  learn(controls: readonly QueueControl[]): void {
    const said = new Map(controls.map((control) => [control.queue, control]))
    const names = new Set([...this.#queues.keys(), ...said.keys()])
    this.#paused = controls.filter(({ isPaused }) => isPaused).map(({ queue }) => queue)
    this.#limited = [...names].flatMap((queue) => this.#limitsOf(queue, said.get(queue)))
    this.#excluded = [...this.#paused, ...this.#limited.map(({ queue }) => queue)]
  }

  #limitsOf(queue: string, said: QueueControl | undefined): readonly QueueControl[] {
    const declared = this.#queues.get(queue)
    const concurrencyMax = said?.concurrencyMax ?? declared?.concurrencyMax
    const rate = said?.rate ?? declared?.rate
    const isLimited = concurrencyMax !== undefined || rate !== undefined
    if (!isLimited || said?.isPaused === true) return []
    return [{ queue, isPaused: false, concurrencyMax, rate }]
  }
}

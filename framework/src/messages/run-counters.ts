import type { Counter, Metrics } from '../telemetry/index.ts'
import type { Outcome } from './leased-message.ts'

/** How the runs of one module ended, counted by queue and outcome. */
export class RunCounters {
  readonly #metrics: Metrics
  readonly #module: string
  readonly #counters = new Map<string, Map<Outcome['kind'], Counter>>()

  constructor(metrics: Metrics, module: string) {
    this.#metrics = metrics
    this.#module = module
  }

  of(queue: string, outcome: Outcome['kind']): Counter {
    let ofQueue = this.#counters.get(queue)
    if (ofQueue === undefined) this.#counters.set(queue, (ofQueue = new Map()))
    let counter = ofQueue.get(outcome)
    if (counter === undefined) ofQueue.set(outcome, (counter = this.#make(queue, outcome)))
    return counter
  }

  #make(queue: string, outcome: string): Counter {
    const labels = { module: this.#module, queue, outcome }
    return this.#metrics.counter('banyan_messages_run_total', 'Runs of messages.', labels)
  }
}

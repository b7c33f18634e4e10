import type { Counter, Histogram, Metrics } from '../telemetry/index.ts'

/** The counters and the histogram of one operation, bound once. */
export class CallRecord {
  readonly #metrics: Metrics
  readonly #names: { readonly counter: string; readonly help: string }
  readonly #labels: { readonly module: string; readonly operation: string }
  readonly #duration: Histogram
  readonly #outcomes = new Map<string, Counter>()
  readonly #succeeded: Counter

  /** @param side  `local` records what runs here, `remote` what is asked of other instances. */
  constructor(
    metrics: Metrics,
    operation: { readonly module: string; readonly name: string },
    side: 'local' | 'remote',
  ) {
    const { module, name } = operation
    this.#metrics = metrics
    this.#labels = { module, operation: name }
    this.#names =
      side === 'local'
        ? { counter: 'banyan_calls_total', help: 'Calls by operation and outcome.' }
        : {
            counter: 'banyan_remote_calls_total',
            help: 'Calls of other instances by operation and outcome, as their caller saw it.',
          }
    this.#duration =
      side === 'local'
        ? metrics.histogram(
            'banyan_call_duration_seconds',
            'Duration of calls by operation.',
            this.#labels,
          )
        : metrics.histogram(
            'banyan_remote_call_duration_seconds',
            'Duration of calls of other instances by operation, as their caller saw it.',
            this.#labels,
          )
    this.#succeeded = this.#outcome('ok')
  }

  succeeded(durationMs: number): void {
    this.#succeeded.add()
    this.#duration.observe(durationMs / 1_000)
  }

  failed(code: string, durationMs: number): void {
    this.#outcome(code).add()
    this.#duration.observe(durationMs / 1_000)
  }

  #outcome(code: string): Counter {
    let counter = this.#outcomes.get(code)
    if (counter === undefined) {
      const { counter: name, help } = this.#names
      counter = this.#metrics.counter(name, help, { ...this.#labels, code })
      this.#outcomes.set(code, counter)
    }
    return counter
  }
}

import type { Clock, Trace } from '../kernel/index.ts'
import { StatementCatalog, type StatementShape } from './statement-catalog.ts'
import type { DataTelemetry } from './telemetry.ts'

const clientKind = 3

/** Records the statements of one module: a child span each, and one histogram of durations. */
export class StatementRecorder {
  readonly catalog: StatementCatalog
  readonly #clock: Clock
  readonly #telemetry: DataTelemetry
  readonly #durations: { observe(seconds: number): void }

  constructor(module: string, telemetry: DataTelemetry, clock: Clock, isNaming: boolean) {
    this.catalog = new StatementCatalog(module, telemetry, isNaming)
    this.#clock = clock
    this.#telemetry = telemetry
    this.#durations = telemetry.metrics.histogram(
      'banyan_sql_statement_seconds',
      'Time from asking for a statement to its answer, waiting included.',
      { module },
    )
  }

  /** Begins to record one statement; call the result once with the error's code, if any. */
  start(shape: StatementShape, trace: Trace): (errorCode?: string) => void {
    const startMs = this.#clock.monotonicMs()
    const span = this.#telemetry.tracer.start(shape.span, clientKind, trace, startMs)
    return (errorCode) => {
      span.end(errorCode)
      this.#durations.observe((this.#clock.monotonicMs() - startMs) / 1_000)
    }
  }
}

import type { Clock, Timer } from '../../kernel/index.ts'
import { encodeOtlpTraces, type Metrics, type Telemetry } from '../../telemetry/index.ts'

export interface TraceExporterOptions {
  readonly telemetry: Telemetry
  readonly clock: Clock
  readonly service: string
  /** Full address, for example `http://127.0.0.1:4318/v1/traces`. */
  readonly url: string
  /** Pause between batches; 1,000 unless given. */
  readonly everyMs?: number
}

/** Sends finished spans to an OTLP/HTTP collector; `close` sends the rest. */
export interface TraceExporter extends AsyncDisposable {
  close(): Promise<void>
}

const spansPerRequest = 2_048
const requestTimeoutMs = 5_000

/** Starts exporting. A collector that is down costs spans, never requests: what was overwritten in
 *  the ring before it could be sent is counted in `banyan_spans_dropped_total`. */
export function startTraceExporter(options: TraceExporterOptions): TraceExporter {
  return new OtlpTraceExporter(options)
}

class OtlpTraceExporter implements TraceExporter {
  readonly #options: TraceExporterOptions
  readonly #dropped: ReturnType<Metrics['counter']>
  readonly #failed: ReturnType<Metrics['counter']>
  #sent = 0
  #timer: Timer | undefined
  #running: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(options: TraceExporterOptions) {
    this.#options = options
    const { metrics } = options.telemetry
    this.#dropped = metrics.counter('banyan_spans_dropped_total', 'Spans overwritten unsent.')
    this.#failed = metrics.counter(
      'banyan_span_exports_failed_total',
      'Batches a collector refused.',
    )
    this.#schedule()
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#timer?.stop()
    await this.#running
    await this.#exportAll()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #schedule(): void {
    const { clock, everyMs = 1_000 } = this.#options
    const due = (): void => {
      this.#running = this.#exportAll().then(() => {
        if (!this.#isClosed) this.#schedule()
      })
    }
    this.#timer = clock.after(everyMs, due, { background: true })
  }

  async #exportAll(): Promise<void> {
    const { ring } = this.#options.telemetry.tracer
    const until = ring.written
    while (this.#sent < until) {
      const oldest = ring.written - ring.capacity
      if (this.#sent < oldest) {
        this.#dropped.add(oldest - this.#sent)
        this.#sent = oldest
      }
      const spans = this.#options.telemetry.tracer.read(this.#sent, spansPerRequest)
      if (!(await this.#send(spans))) return
      this.#sent += spans.length
    }
  }

  async #send(spans: Parameters<typeof encodeOtlpTraces>[1]): Promise<boolean> {
    try {
      const response = await fetch(this.#options.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: encodeOtlpTraces(this.#options.service, spans),
        signal: AbortSignal.timeout(requestTimeoutMs),
      })
      await response.arrayBuffer()
      if (response.ok) return true
    } catch {}
    this.#failed.add()
    return false
  }
}

import type { Clock, Timer } from '../../kernel/index.ts'
import { type Counter, OtlpEncoder, type Telemetry } from '../../telemetry/index.ts'
import { Collector } from './collector.ts'

export interface TraceExporterOptions {
  readonly telemetry: Telemetry
  readonly clock: Clock
  readonly service: string
  /** Full address, for example `http://127.0.0.1:4318/v1/traces`. */
  readonly url: string
  /** Longest pause between batches; 1,000 unless given. A quarter of the ring is sent at once. */
  readonly everyMs?: number
}

/** Sends finished spans to an OTLP/HTTP collector; `close` sends the rest. */
export interface TraceExporter extends AsyncDisposable {
  close(): Promise<void>
}

/** Small, so that neither this process nor the collector works on one request for long. */
const spansPerRequest = 512
/** Starts exporting. A collector that is down costs spans, never requests: what was overwritten in
 *  the ring before it could be sent is counted in `banyan_spans_dropped_total`. */
export function startTraceExporter(options: TraceExporterOptions): TraceExporter {
  return new OtlpTraceExporter(options)
}

class OtlpTraceExporter implements TraceExporter {
  readonly #options: TraceExporterOptions
  readonly #encoder: OtlpEncoder
  readonly #collector: Collector
  readonly #dropped: Counter
  readonly #failed: Counter
  #sent = 0
  #timer: Timer | undefined
  #running: Promise<void> = Promise.resolve()
  #isClosed = false
  #isExporting = false

  constructor(options: TraceExporterOptions) {
    this.#options = options
    const { metrics, tracer } = options.telemetry
    this.#collector = new Collector(options.url)
    this.#encoder = new OtlpEncoder(tracer, options.service, spansPerRequest)
    this.#dropped = metrics.counter('banyan_spans_dropped_total', 'Spans overwritten unsent.')
    this.#failed = metrics.counter(
      'banyan_span_exports_failed_total',
      'Batches a collector refused.',
    )
    tracer.ring.onQuarter = () => this.#exportSoon()
    this.#schedule()
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#timer?.stop()
    this.#options.telemetry.tracer.ring.onQuarter = undefined
    await this.#running
    await this.#exportAll()
    this.#collector.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #schedule(): void {
    const { clock, everyMs = 1_000 } = this.#options
    this.#timer = clock.after(everyMs, () => this.#exportSoon(), { background: true })
  }

  /** Exports unless an export is under way already. */
  #exportSoon(): void {
    if (this.#isExporting) return
    this.#isExporting = true
    this.#timer?.stop()
    this.#running = this.#exportAll().then(() => {
      this.#isExporting = false
      if (!this.#isClosed) this.#schedule()
    })
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
      const count = Math.min(ring.written - this.#sent, spansPerRequest)
      if (!(await this.#send(this.#encoder.encode(this.#sent, count)))) return
      this.#sent += count
    }
  }

  async #send(body: Buffer): Promise<boolean> {
    const isTaken = await this.#collector.post(body)
    if (!isTaken) this.#failed.add()
    return isTaken
  }
}

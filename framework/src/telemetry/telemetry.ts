import type { Clock, LogLevel, Random } from '../kernel/index.ts'
import type { LogSink } from './log-sink.ts'
import { Logs } from './logs.ts'
import { Metrics } from './metrics.ts'
import { Tracer } from './tracer.ts'

/** Everything a runtime records about itself; one per runtime. */
export interface Telemetry {
  readonly tracer: Tracer
  readonly metrics: Metrics
  readonly logs: Logs
}

export interface TelemetryOptions {
  readonly clock: Clock
  readonly random: Random
  readonly service: string
  readonly sink: LogSink
  readonly level?: LogLevel
  /** Finished spans kept, rounded up to a power of two; 32,768 unless given (1.8 MB). */
  readonly spansMax?: number
  /** Share of new traces recorded, 0..1; all unless given. */
  readonly sampleShare?: number
}

/** Creates the recorders in memory; no I/O until lines are flushed. */
export function createTelemetry(options: TelemetryOptions): Telemetry {
  const { clock, random, service, sink } = options
  const metrics = new Metrics()
  const capacity = 2 ** Math.ceil(Math.log2(options.spansMax ?? 32_768))
  const logs = new Logs({ clock, sink, level: options.level ?? 'info', fields: { name: service } })
  metrics.gauge(
    'banyan_log_lines_dropped',
    'Log lines dropped because the sink was slow.',
    {},
    () => logs.droppedLines,
  )
  return {
    tracer: new Tracer({ clock, random, capacity, sampleShare: options.sampleShare ?? 1 }),
    metrics,
    logs,
  }
}

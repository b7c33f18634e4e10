import type { Trace } from '../kernel/index.ts'

/** What the data room records: a span and a duration per statement, gauges of its pools. A part of
 *  the telemetry room's interface, by shape. */
export interface DataTelemetry {
  readonly tracer: {
    name(text: string): number
    start(name: number, kind: 1 | 2 | 3, parent: Trace | undefined): DataSpan
  }
  readonly metrics: {
    histogram(
      name: string,
      help: string,
      labels: Record<string, string>,
    ): { observe(seconds: number): void }
    gauge(name: string, help: string, labels: Record<string, string>, read: () => number): void
  }
}

export interface DataSpan {
  end(errorCode?: string): void
}

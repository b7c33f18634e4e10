import type { Telemetry } from '../telemetry/index.ts'

/** What the data room records with: a span and a duration per statement, gauges of its pools. */
export type DataTelemetry = Pick<Telemetry, 'tracer' | 'metrics'>

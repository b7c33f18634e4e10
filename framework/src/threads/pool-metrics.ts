import { Counter, Histogram, latencyBoundsSeconds } from '../telemetry/index.ts'
import type { ThreadPoolOptions } from './options.ts'

/** What a pool counts; recorded whether or not anybody reads it. */
export interface PoolMetrics {
  /** From `run` to its answer, waiting included. */
  readonly seconds: Histogram
  readonly refused: Counter
  readonly ended: Counter
}

export function observePool(
  { name, telemetry }: ThreadPoolOptions,
  read: { readonly busy: () => number; readonly waiting: () => number },
): PoolMetrics {
  const metrics = telemetry?.metrics
  if (metrics === undefined) {
    const seconds = new Histogram(latencyBoundsSeconds)
    return { seconds, refused: new Counter(), ended: new Counter() }
  }
  const labels = { pool: name }
  metrics.gauge('banyan_threads_busy', 'Threads that work, start or end.', labels, read.busy)
  metrics.gauge('banyan_threads_waiting', 'Tasks that wait for a thread.', labels, read.waiting)
  return {
    seconds: metrics.histogram('banyan_threads_task_seconds', 'Time from call to answer.', labels),
    refused: metrics.counter('banyan_threads_refused_total', 'Tasks refused, queue full.', labels),
    ended: metrics.counter('banyan_threads_ended_total', 'Threads that ended.', labels),
  }
}

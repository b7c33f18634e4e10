/** Reads the one figure the bench needs from a Prometheus text exposition. */

/** Where a server keeps its latency histogram of the endpoint. */
export type HistogramName = {
  readonly metric: string
  /** Text that the labels of the endpoint's series hold, such as `route="/orders"`. */
  readonly label: string
}

/** The number of observations over all series of the endpoint: the sum of their `_count`. */
export function histogramCount(exposition: string, histogram: HistogramName): number {
  let count = 0
  for (const line of exposition.split('\n')) {
    if (!line.startsWith(`${histogram.metric}_count{`) || !line.includes(histogram.label)) continue
    count += Number(/\} ([\d.e+]+)/.exec(line)?.[1] ?? 0)
  }
  return count
}

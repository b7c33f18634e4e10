/** Upper bounds of latency buckets in seconds: 100 µs to 10 s. */
export const latencyBoundsSeconds: readonly number[] = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
]

export type Labels = Readonly<Record<string, string>>

/** A counter bound to its labels; `add` costs a field write. */
export class Counter {
  value = 0
  add(count: number = 1): void {
    this.value += count
  }
}

/** A histogram bound to its labels; `observe` costs a short scan. */
export class Histogram {
  readonly bounds: readonly number[]
  readonly counts: Float64Array
  sum = 0

  constructor(bounds: readonly number[]) {
    this.bounds = bounds
    this.counts = new Float64Array(bounds.length + 1)
  }

  observe(value: number): void {
    const { bounds, counts } = this
    let index = 0
    while (index < bounds.length && value > (bounds[index] ?? 0)) index++
    counts[index] = (counts[index] ?? 0) + 1
    this.sum += value
  }
}

interface Family {
  readonly help: string
  readonly type: 'counter' | 'histogram' | 'gauge'
  readonly series: Map<string, Counter | Histogram | (() => number)>
}

/** Series past this many in one family are counted in one series labelled `other`. */
const seriesMax = 2_000

/** A registry of metrics; names follow Prometheus (`_total`, `_seconds`). Asking twice for one name
 *  and labels gives the same series. */
export class Metrics {
  readonly #families = new Map<string, Family>()

  counter(name: string, help: string, labels: Labels = {}): Counter {
    return this.#series(name, { help, type: 'counter' }, labels, () => new Counter()) as Counter
  }

  histogram(
    name: string,
    help: string,
    labels: Labels = {},
    bounds: readonly number[] = latencyBoundsSeconds,
  ): Histogram {
    const make = (): Histogram => new Histogram(bounds)
    return this.#series(name, { help, type: 'histogram' }, labels, make) as Histogram
  }

  /** @param read  Called at each scrape; must not throw or wait. */
  gauge(name: string, help: string, labels: Labels, read: () => number): void {
    this.#series(name, { help, type: 'gauge' }, labels, () => read)
  }

  /** All metrics in the Prometheus text format 0.0.4. */
  text(): string {
    const lines: string[] = []
    for (const [name, family] of this.#families) {
      lines.push(`# HELP ${name} ${family.help}`, `# TYPE ${name} ${family.type}`)
      for (const [labels, series] of family.series) writeSeries(lines, name, labels, series)
    }
    return `${lines.join('\n')}\n`
  }

  #series<S extends Counter | Histogram | (() => number)>(
    name: string,
    kind: Pick<Family, 'help' | 'type'>,
    labels: Labels,
    make: () => S,
  ): Counter | Histogram | (() => number) {
    let family = this.#families.get(name)
    if (family === undefined) {
      family = { ...kind, series: new Map() }
      this.#families.set(name, family)
    }
    const own = formatLabels(labels)
    const key = family.series.has(own) || family.series.size < seriesMax ? own : 'overflow="other"'
    let series = family.series.get(key)
    if (series === undefined) {
      series = make()
      family.series.set(key, series)
    }
    return series
  }
}

function writeSeries(
  lines: string[],
  name: string,
  labels: string,
  series: Counter | Histogram | (() => number),
): void {
  const braces = labels === '' ? '' : `{${labels}}`
  if (typeof series === 'function') lines.push(`${name}${braces} ${series()}`)
  else if (series instanceof Counter) lines.push(`${name}${braces} ${series.value}`)
  else writeHistogram(lines, name, labels, series)
}

function writeHistogram(lines: string[], name: string, labels: string, series: Histogram): void {
  const prefix = labels === '' ? '' : `${labels},`
  let total = 0
  for (const [index, bound] of [...series.bounds, '+Inf'].entries()) {
    total += series.counts[index] ?? 0
    lines.push(`${name}_bucket{${prefix}le="${bound}"} ${total}`)
  }
  const braces = labels === '' ? '' : `{${labels}}`
  lines.push(`${name}_sum${braces} ${series.sum}`, `${name}_count${braces} ${total}`)
}

function formatLabels(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escapeLabel(value)}"`)
    .join(',')
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock, createSeededRandom } from '../kernel/index.ts'
import { createMemorySink, createTelemetry, latencyBoundsSeconds, Metrics } from './index.ts'

test('the text is exactly what Prometheus 0.0.4 asks for', () => {
  const metrics = new Metrics()
  metrics.counter('calls_total', 'Calls.', { operation: 'a.b', code: '' }).add()
  metrics.counter('calls_total', 'Calls.', { operation: 'a.b', code: 'X' }).add(2)
  metrics.gauge('in_flight', 'Calls now.', {}, () => 3)
  const seconds = metrics.histogram('wait_seconds', 'Waiting.', { pool: 'main' }, [0.1, 1])
  for (const value of [0.05, 0.1, 0.5, 7]) seconds.observe(value)
  assert.equal(
    metrics.text(),
    `# HELP calls_total Calls.
# TYPE calls_total counter
calls_total{operation="a.b",code=""} 1
calls_total{operation="a.b",code="X"} 2
# HELP in_flight Calls now.
# TYPE in_flight gauge
in_flight 3
# HELP wait_seconds Waiting.
# TYPE wait_seconds histogram
wait_seconds_bucket{pool="main",le="0.1"} 2
wait_seconds_bucket{pool="main",le="1"} 3
wait_seconds_bucket{pool="main",le="+Inf"} 4
wait_seconds_sum{pool="main"} 7.65
wait_seconds_count{pool="main"} 4
`,
  )
})

test('a histogram without labels has only the bound', () => {
  const metrics = new Metrics()
  metrics.histogram('t_seconds', 'T.', {}, [1]).observe(0.5)
  const lines = metrics.text().split('\n')
  assert.deepEqual(lines.slice(2, 6), [
    't_seconds_bucket{le="1"} 1',
    't_seconds_bucket{le="+Inf"} 1',
    't_seconds_sum 0.5',
    't_seconds_count 1',
  ])
})

test('label values are escaped', () => {
  const metrics = new Metrics()
  metrics.counter('c_total', 'C.', { path: 'a"b\\c\nd' }).add()
  assert.ok(metrics.text().includes('c_total{path="a\\"b\\\\c\\nd"} 1\n'))
})

test('one name with the same labels is one series', () => {
  const metrics = new Metrics()
  assert.equal(
    metrics.counter('c_total', 'C.', { a: '1' }),
    metrics.counter('c_total', 'C.', { a: '1' }),
  )
  assert.notEqual(
    metrics.counter('c_total', 'C.', { a: '1' }),
    metrics.counter('c_total', 'C.', { a: '2' }),
  )
})

test('past 2,000 series the rest are counted together, and the known ones keep their own', () => {
  const metrics = new Metrics()
  const counter = (index: number) => metrics.counter('c_total', 'C.', { id: String(index) })
  for (let index = 0; index < 2_500; index++) counter(index).add()
  counter(7).add()
  const text = metrics.text()
  assert.ok(text.includes('c_total{overflow="other"} 500\n'))
  assert.ok(text.includes('c_total{id="7"} 2\n'))
  assert.equal(text.split('\n').length - 1, 2_003)
})

test('latency is counted in rising bounds, a value on a bound below it', () => {
  assert.deepEqual(
    [...latencyBoundsSeconds].toSorted((a, b) => a - b),
    latencyBoundsSeconds,
  )
  const histogram = new Metrics().histogram('t_seconds', 'T.')
  histogram.observe(0.001)
  assert.equal(histogram.counts[latencyBoundsSeconds.indexOf(0.001)], 1)
})

test('telemetry counts the lines that its sink dropped', () => {
  const sink = { ...createMemorySink(), droppedLines: 5 }
  const telemetry = createTelemetry({
    ...{ clock: new FakeClock(), random: createSeededRandom(1), service: 'shop', sink },
  })
  assert.ok(telemetry.metrics.text().includes('\nbanyan_log_lines_dropped 5\n'))
})

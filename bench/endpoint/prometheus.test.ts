import assert from 'node:assert/strict'
import { test } from 'node:test'
import { histogramCount } from './prometheus.ts'

const exposition = `# HELP seconds Time.
# TYPE seconds histogram
seconds_bucket{route="/orders",status="200",le="0.1"} 3
seconds_count{route="/orders",status="200"} 7
seconds_count{route="/orders",status="401"} 2
seconds_count{route="/metrics",status="200"} 50
other_seconds_count{route="/orders"} 900
`

test('observations of the endpoint are summed over its series, and only its own', () => {
  const histogram = { metric: 'seconds', label: 'route="/orders"' }
  assert.equal(histogramCount(exposition, histogram), 9)
})

test('a histogram that is not there has counted nothing', () => {
  assert.equal(histogramCount(exposition, { metric: 'absent', label: '/orders' }), 0)
})

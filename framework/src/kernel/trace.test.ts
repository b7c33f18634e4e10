import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatTraceparent, tryParseTraceparent } from './index.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const spanId = '00f067aa0ba902b7'

test('a traceparent is read as W3C Trace Context says', () => {
  assert.deepEqual(tryParseTraceparent(`00-${traceId}-${spanId}-01`), {
    traceId,
    spanId,
    isSampled: true,
  })
  assert.equal(tryParseTraceparent(`00-${traceId}-${spanId}-00`)?.isSampled, false)
  assert.equal(tryParseTraceparent(`00-${traceId}-${spanId}-fe`)?.isSampled, false)
  assert.equal(tryParseTraceparent(`00-${traceId}-${spanId}-ff`)?.isSampled, true)
})

test('a traceparent of a later version is read as far as it is known', () => {
  assert.equal(tryParseTraceparent(`cc-${traceId}-${spanId}-01`)?.spanId, spanId)
  assert.equal(
    tryParseTraceparent(`cc-${traceId}-${spanId}-01-what-the-future-holds`)?.spanId,
    spanId,
  )
  assert.equal(tryParseTraceparent(`cc-${traceId}-${spanId}-01.what`), undefined)
})

test('a broken traceparent is none', () => {
  const bad = [
    '',
    `ff-${traceId}-${spanId}-01`,
    `00-${traceId}-${spanId}-01-more`,
    `00-${traceId}-${spanId}-01-`,
    `00-${'0'.repeat(32)}-${spanId}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `00-${traceId.toUpperCase()}-${spanId}-01`,
    `00-${traceId.slice(1)}-${spanId}-01`,
    `00-${traceId}-${spanId}-1`,
    `0-${traceId}-${spanId}-01`,
    `00-${traceId}-${spanId}`,
    ` 00-${traceId}-${spanId}-01`,
    `00_${traceId}_${spanId}_01`,
  ]
  for (const header of bad) assert.equal(tryParseTraceparent(header), undefined, header)
})

test('a traceparent that is written is read back', () => {
  for (const isSampled of [true, false]) {
    const written = formatTraceparent({ traceId, spanId, isSampled })
    assert.deepEqual(tryParseTraceparent(written), { traceId, spanId, isSampled })
  }
})

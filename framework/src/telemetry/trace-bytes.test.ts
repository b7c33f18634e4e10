import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSeededRandom, FakeClock } from '../kernel/index.ts'
import { createMemorySink } from './log-sink.ts'
import { createTelemetry } from './telemetry.ts'
import { readTrace, writeTrace } from './trace-bytes.ts'
import { spanKind } from './span-ring.ts'

const { tracer } = createTelemetry({
  clock: new FakeClock(),
  random: createSeededRandom(7),
  service: 'test',
  sink: createMemorySink(),
})
const name = tracer.name('work')

const idsOf = ({ traceId, spanId }: { traceId: string; spanId: string }) => ({ traceId, spanId })

test('a span, a received trace and a trace of texts have the same bytes', () => {
  const span = tracer.start(name, spanKind.client, undefined)
  const bytes = Buffer.alloc(80)
  writeTrace(span, bytes, 1)
  const received = readTrace(bytes, 1, true)
  assert.deepEqual(idsOf(received), idsOf(span))
  writeTrace(received, bytes, 26)
  writeTrace({ ...idsOf(span), isSampled: true }, bytes, 52)
  assert.deepEqual(bytes.subarray(26, 50), bytes.subarray(1, 25))
  assert.deepEqual(bytes.subarray(52, 76), bytes.subarray(1, 25))
  assert.equal(bytes.toString('hex', 1, 25), span.traceId + span.spanId)
})

test('a span below a received trace is the child that it would be of the texts', () => {
  const bytes = Buffer.from('ffeeddccbbaa99887766554433221100f0e1d2c3b4a59687', 'hex')
  const received = readTrace(bytes, 0, true)
  assert.equal(received.traceId, 'ffeeddccbbaa99887766554433221100')
  assert.equal(received.spanId, 'f0e1d2c3b4a59687')
  const from = tracer.ring.written
  for (const parent of [received, { ...idsOf(received), isSampled: true }]) {
    tracer.start(name, spanKind.server, parent).end()
  }
  const [one, other] = tracer.read(from)
  assert.equal(one?.traceId, received.traceId)
  assert.equal(one?.parentSpanId, received.spanId)
  assert.equal(other?.traceId, one?.traceId)
  assert.equal(other?.parentSpanId, one?.parentSpanId)
})

test('what is not sampled stays so', () => {
  const received = readTrace(Buffer.alloc(24, 1), 0, false)
  const from = tracer.ring.written
  const span = tracer.start(name, spanKind.server, received)
  span.end()
  assert.equal(span.isSampled, false)
  assert.equal(tracer.ring.written, from)
})

test('ids that are no hex become zeros', () => {
  const bytes = Buffer.alloc(24, 0xff)
  writeTrace({ traceId: 'no hex', spanId: '', isSampled: true }, bytes, 0)
  assert.deepEqual(bytes, Buffer.alloc(24))
})

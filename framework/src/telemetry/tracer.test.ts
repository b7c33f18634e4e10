import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  createSeededRandom,
  FakeClock,
  formatTraceparent,
  tryParseTraceparent,
} from '../kernel/index.ts'
import { OtlpEncoder, spanKind, Tracer } from './index.ts'

function createFixture(options: { capacity?: number; sampleShare?: number } = {}) {
  const clock = new FakeClock(1_700_000_000_000)
  const { capacity = 8, sampleShare = 1 } = options
  const tracer = new Tracer({ clock, random: createSeededRandom(1), capacity, sampleShare })
  return { clock, tracer }
}

test('a finished span is read back with its times, parent, status and error', async () => {
  const { clock, tracer } = createFixture()
  const root = tracer.start(tracer.name('GET /orders'), spanKind.server, undefined)
  await clock.advance(5)
  const child = tracer.start(tracer.name('orders.list'), spanKind.internal, root)
  await clock.advance(10)
  child.end('ORDERS_GONE')
  root.end('', 200)
  const [first, second] = tracer.read(0)
  assert.deepEqual(first, {
    ...{ traceId: root.traceId, spanId: child.spanId, parentSpanId: root.spanId },
    ...{ name: 'orders.list', kind: spanKind.internal, startEpochMs: 1_700_000_000_005 },
    ...{ durationMs: 10, status: 0, errorCode: 'ORDERS_GONE' },
  })
  assert.equal(second?.parentSpanId, '')
  assert.equal(second?.durationMs, 15)
  assert.equal(second?.status, 200)
})

test('the ring keeps the newest spans; what was overwritten is left out', () => {
  const { tracer } = createFixture({ capacity: 4 })
  for (let index = 0; index < 10; index++) {
    tracer.start(tracer.name(`span ${index}`), spanKind.internal, undefined).end()
  }
  const names = (from: number) => tracer.read(from).map(({ name }) => name)
  assert.deepEqual(names(0), ['span 6', 'span 7', 'span 8', 'span 9'])
  assert.deepEqual(names(8), ['span 8', 'span 9'])
  assert.deepEqual(names(10), [])
  assert.equal(tracer.ring.written, 10)
})

test('names past 4,096 are recorded as "other", and known ones keep their own', () => {
  const { tracer } = createFixture({ capacity: 4 })
  const first = tracer.name('first')
  assert.equal(tracer.name('first'), first)
  for (let index = 0; index < 6_000; index++) tracer.name(`hostile ${index}`)
  const other = tracer.name('one more')
  assert.equal(tracer.name('and another'), other)
  assert.equal(tracer.nameText(other), 'other')
  assert.equal(tracer.name('first'), first)
})

test('a trace from outside is continued: its id, its parent, its decision', () => {
  const { tracer } = createFixture({ sampleShare: 1 })
  const header = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  const span = tracer.start(tracer.name('in'), spanKind.server, tryParseTraceparent(header))
  assert.equal(span.traceId, '4bf92f3577b34da6a3ce929d0e0e4736')
  span.end()
  assert.equal(tracer.read(0)[0]?.parentSpanId, '00f067aa0ba902b7')
  const out = formatTraceparent(span)
  assert.equal(tryParseTraceparent(out)?.spanId, span.spanId)
  const quiet = tryParseTraceparent(header.replace(/01$/, '00'))
  tracer.start(tracer.name('in'), spanKind.server, quiet).end()
  assert.equal(tracer.ring.written, 1)
})

test('new traces are recorded in the share that was asked for, children as their root', () => {
  for (const share of [0, 0.25, 1]) {
    const { tracer } = createFixture({ sampleShare: share })
    const name = tracer.name('x')
    let sampled = 0
    for (let index = 0; index < 4_000; index++) {
      const root = tracer.start(name, spanKind.internal, undefined)
      if (root.isSampled) sampled++
      assert.equal(tracer.start(name, spanKind.internal, root).isSampled, root.isSampled)
    }
    assert.ok(Math.abs(sampled / 4_000 - share) < 0.04, `${share}: ${sampled}`)
  }
})

test('identifiers are valid, never zero and never twice', () => {
  const { tracer } = createFixture()
  const seen = new Set<string>()
  for (let index = 0; index < 5_000; index++) {
    const span = tracer.start(1, spanKind.internal, undefined)
    assert.ok(tryParseTraceparent(formatTraceparent(span)))
    seen.add(span.traceId).add(span.spanId)
  }
  assert.equal(seen.size, 10_000)
})

/** Fields of a protobuf message: number → values; enough of the format to read ours. */
function decode(bytes: Buffer): Map<number, (Buffer | bigint)[]> {
  const fields = new Map<number, (Buffer | bigint)[]>()
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = bytes.readUInt8(at++)
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
  }
  while (at < bytes.length) {
    const key = varint()
    let value: Buffer | bigint
    if ((key & 7) === 0) value = BigInt(varint())
    else if ((key & 7) === 1) {
      value = bytes.readBigUInt64LE(at)
      at += 8
    } else {
      const length = varint()
      value = bytes.subarray(at, at + length)
      at += length
    }
    fields.set(key >>> 3, [...(fields.get(key >>> 3) ?? []), value])
  }
  return fields
}

function message(fields: Map<number, (Buffer | bigint)[]>, number: number, index: number = 0) {
  const value = fields.get(number)?.[index]
  assert.ok(Buffer.isBuffer(value), `field ${number} is a message`)
  return value
}

test('spans leave as an OTLP trace request: resource, scope, and every field of each span', async () => {
  const { clock, tracer } = createFixture()
  const root = tracer.start(tracer.name('GET /orders'), spanKind.server, undefined)
  const child = tracer.start(tracer.name('orders.list'), spanKind.internal, root)
  await clock.advance(2.5)
  child.end('ORDERS_GONE')
  root.end('', 404)
  const request = new OtlpEncoder(tracer, 'shop', 8).encode(0, 2)
  const resourceSpans = decode(message(decode(request), 1))
  const resource = decode(message(resourceSpans, 1))
  const attribute = decode(message(resource, 1))
  assert.equal(message(attribute, 1).toString(), 'service.name')
  assert.equal(message(decode(message(attribute, 2)), 1).toString(), 'shop')
  const scopeSpans = decode(message(resourceSpans, 2))
  assert.equal(message(decode(message(scopeSpans, 1)), 1).toString(), 'banyan')
  assert.equal(scopeSpans.get(2)?.length, 2)
  const first = decode(message(scopeSpans, 2, 0))
  assert.equal(message(first, 1).toString('hex'), root.traceId)
  assert.equal(message(first, 2).toString('hex'), child.spanId)
  assert.equal(message(first, 4).toString('hex'), root.spanId)
  assert.equal(message(first, 5).toString(), 'orders.list')
  assert.deepEqual(first.get(6), [1n])
  assert.deepEqual(first.get(7), [1_700_000_000_000_000_000n])
  assert.deepEqual(first.get(8), [1_700_000_000_002_500_000n])
  const failed = decode(message(first, 9))
  assert.equal(message(failed, 1).toString(), 'error.type')
  assert.equal(message(decode(message(failed, 2)), 1).toString(), 'ORDERS_GONE')
  assert.deepEqual(decode(message(first, 15)).get(3), [2n])
  const second = decode(message(scopeSpans, 2, 1))
  assert.equal(second.get(4), undefined)
  assert.deepEqual(second.get(6), [2n])
  const status = decode(message(second, 9))
  assert.equal(message(status, 1).toString(), 'http.response.status_code')
  assert.deepEqual(decode(message(status, 2)).get(3), [404n])
  assert.equal(second.get(15), undefined)
})

test('a name longer than 255 bytes is cut at a character', () => {
  const { tracer } = createFixture()
  tracer.start(tracer.name('é'.repeat(300)), spanKind.internal, undefined).end()
  const request = new OtlpEncoder(tracer, 'shop', 8).encode(0, 1)
  const scopeSpans = decode(message(decode(message(decode(request), 1)), 2))
  const name = message(decode(message(scopeSpans, 2)), 5).toString()
  assert.equal(name, 'é'.repeat(127))
})

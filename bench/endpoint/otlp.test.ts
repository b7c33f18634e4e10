import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countSpans, decodeSpans } from './otlp.ts'

const server = { traceId: 'ab'.repeat(16), spanId: '01'.repeat(8), parent: '02'.repeat(8) }
const wanted = [
  {
    traceId: server.traceId,
    spanId: server.spanId,
    parentSpanId: server.parent,
    name: 'POST /orders',
    kind: 2,
  },
  {
    traceId: server.traceId,
    spanId: '03'.repeat(8),
    parentSpanId: server.spanId,
    name: 'price',
    kind: 1,
  },
]

/** A length-delimited protobuf field. */
function field(number: number, content: Buffer | string): Buffer {
  const bytes = Buffer.from(content)
  assert.ok(bytes.length < 16_384)
  const length =
    bytes.length < 128 ? [bytes.length] : [(bytes.length & 0x7f) | 0x80, bytes.length >> 7]
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), bytes])
}

function protobufSpan(span: (typeof wanted)[number]): Buffer {
  return field(
    2,
    Buffer.concat([
      field(1, Buffer.from(span.traceId, 'hex')),
      field(2, Buffer.from(span.spanId, 'hex')),
      field(4, Buffer.from(span.parentSpanId, 'hex')),
      field(5, span.name),
      Buffer.from([(6 << 3) | 0, span.kind]),
      // start_time_unix_nano, a fixed64, must be stepped over.
      Buffer.from([(7 << 3) | 1, 1, 2, 3, 4, 5, 6, 7, 8]),
    ]),
  )
}

test('spans of a binary export are counted and related', () => {
  const scope = Buffer.concat([field(1, field(1, 'tracer')), ...wanted.map(protobufSpan)])
  const body = field(1, Buffer.concat([field(1, 'resource'), field(2, scope)]))
  assert.equal(countSpans(body, 'application/x-protobuf'), 2)
  assert.deepEqual(decodeSpans(body, 'application/x-protobuf'), wanted)
})

test('spans of a JSON export are counted and related', () => {
  const message = { resourceSpans: [{ resource: {}, scopeSpans: [{ scope: {}, spans: wanted }] }] }
  const body = Buffer.from(JSON.stringify(message))
  assert.equal(countSpans(body, 'application/json'), 2)
  assert.deepEqual(decodeSpans(body, 'application/json'), wanted)
})

test('an empty export holds no spans', () => {
  assert.equal(countSpans(Buffer.alloc(0), 'application/x-protobuf'), 0)
  assert.equal(countSpans(Buffer.from('{}'), 'application/json'), 0)
})

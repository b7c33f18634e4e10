import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { closeCode, ProtocolError } from './layout.ts'
import { cutBytes, type FrameWish, webSocketFrame } from './web-socket.fixture.ts'
import { opcode, writeMessageHead } from './web-socket-head.ts'
import { WebSocketReader } from './web-socket-reader.ts'
import { headroomBytes } from './slab.ts'

/** Reads chunks and writes down what was in them. */
function read(
  chunks: readonly Buffer[],
  isMaskExpected = false,
): { payload: string; told: string[] } {
  const payload: Buffer[] = []
  const told: string[] = []
  const reader = new WebSocketReader(
    {
      payload: (bytes, start, end) => payload.push(Buffer.from(bytes.subarray(start, end))),
      ping: (bytes) => told.push(`ping ${bytes.toString('latin1')}`),
      closed: (code, reason) => told.push(`closed ${code} ${reason}`),
    },
    isMaskExpected,
  )
  for (const chunk of chunks) reader.push(chunk)
  return { payload: Buffer.concat(payload).toString('latin1'), told }
}

function codeOf(bytes: Buffer, isMaskExpected = false): number | undefined {
  try {
    read([bytes], isMaskExpected)
    return undefined
  } catch (error) {
    assert.ok(error instanceof ProtocolError)
    return error.closeCode
  }
}

const mask = Buffer.from([1, 2, 3, 4])
const frame = (payload: string, wish?: FrameWish): Buffer =>
  webSocketFrame(Buffer.from(payload), wish)

test('messages read the same wherever fragments and chunks are cut, with any mask', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          payload: fc.nat({ max: 70_000 }).map((size) => Buffer.alloc(size, size)),
          cuts: fc.array(fc.nat(), { maxLength: 3 }),
          ping: fc.option(fc.uint8Array({ maxLength: 125 }), { nil: undefined }),
        }),
        { maxLength: 5 },
      ),
      fc.array(fc.nat(), { maxLength: 12 }),
      fc.option(fc.uint8Array({ minLength: 4, maxLength: 4 }), { nil: undefined }),
      (messages, cuts, key) => {
        const masked = key === undefined ? {} : { mask: Buffer.from(key) }
        const pings: string[] = []
        const bytes = messages.flatMap((message) => {
          const parts = cutBytes(Buffer.from(message.payload), message.cuts)
          return parts.flatMap((part, index) => {
            const isFinal = index === parts.length - 1
            const code = index === 0 ? opcode.binary : opcode.continuation
            const fragment = webSocketFrame(part, { opcode: code, isFinal, ...masked })
            if (message.ping === undefined) return [fragment]
            pings.push(`ping ${Buffer.from(message.ping).toString('latin1')}`)
            const ping = webSocketFrame(Buffer.from(message.ping), { opcode: 9, ...masked })
            return [fragment, ping]
          })
        })
        const { payload, told } = read(cutBytes(Buffer.concat(bytes), cuts), key !== undefined)
        const expected = Buffer.concat(messages.map((message) => message.payload))
        assert.equal(payload, expected.toString('latin1'))
        assert.deepEqual(told, pings)
      },
    ),
    { numRuns: 200 },
  )
})

test('the head that is written is the one that is read, at every boundary of lengths', () => {
  for (const size of [0, 1, 125, 126, 127, 65_535, 65_536, 70_000]) {
    for (const isMasked of [false, true]) {
      const bytes = Buffer.alloc(headroomBytes + size, 7)
      const start = writeMessageHead(bytes, size, { opcode: opcode.binary, isMasked })
      const { payload } = read([bytes.subarray(start)], isMasked)
      assert.equal(payload, '\u0007'.repeat(size))
    }
  }
})

test('a broken frame ends the reading with the code that RFC 6455 gives it', () => {
  const { protocol, tooLarge, unsupported, invalidText } = closeCode
  const cases: readonly (readonly [string, Buffer, number])[] = [
    ['a reserved bit', frame('x', { reserved: 4 }), protocol],
    ['a reserved bit of a control frame', frame('', { opcode: 9, reserved: 1 }), protocol],
    ['opcode 3', frame('x', { opcode: 3 }), protocol],
    ['opcode 7', frame('x', { opcode: 7 }), protocol],
    ['opcode 11', frame('x', { opcode: 11 }), protocol],
    ['opcode 15', frame('x', { opcode: 15 }), protocol],
    ['a text message', frame('x', { opcode: opcode.text }), unsupported],
    ['a mask from a server', frame('x', { mask }), protocol],
    ['a continuation of nothing', frame('x', { opcode: 0 }), protocol],
    [
      'a message inside another',
      Buffer.concat([frame('x', { isFinal: false }), frame('y')]),
      protocol,
    ],
    ['a fragmented ping', frame('x', { opcode: 9, isFinal: false }), protocol],
    ['a ping of 126 bytes', frame('x'.repeat(126), { opcode: 9 }), protocol],
    ['a length of 5 in 2 bytes', frame('xxxxx', { length: { value: 5n, bytes: 2 } }), protocol],
    ['a length of 5 in 8 bytes', frame('xxxxx', { length: { value: 5n, bytes: 8 } }), protocol],
    ['a length of 2^63', frame('', { length: { value: 2n ** 63n, bytes: 8 } }), tooLarge],
    ['a length of 2^33', frame('', { length: { value: 2n ** 33n, bytes: 8 } }), tooLarge],
    ['a length of 64 MiB + 1', frame('', { length: { value: 67_108_865n, bytes: 8 } }), tooLarge],
    ['a close code of one byte', frame('x', { opcode: 8 }), protocol],
    ['the close code 999', frame('\x03\xe7', { opcode: 8 }), protocol],
    ['the close code 1005', webSocketFrame(Buffer.from([3, 237]), { opcode: 8 }), protocol],
    [
      'a close reason that is not UTF-8',
      webSocketFrame(Buffer.from([3, 232, 0xff]), { opcode: 8 }),
      invalidText,
    ],
  ]
  for (const [name, bytes, code] of cases) assert.equal(codeOf(bytes), code, name)
  assert.equal(codeOf(frame('x'), true), protocol, 'no mask from a client')
})

test('what comes before the break is still read, and nothing after a close', () => {
  const good = [frame('one'), frame('two', { isFinal: false })]
  assert.deepEqual(read(good), { payload: 'onetwo', told: [] })
  const closed = [
    webSocketFrame(Buffer.from('\x03\xe9bye', 'latin1'), { opcode: 8 }),
    frame('late'),
  ]
  assert.deepEqual(read(closed), { payload: '', told: ['closed 1001 bye'] })
  assert.deepEqual(read([frame('', { opcode: 8 })]).told, ['closed 1005 '])
})

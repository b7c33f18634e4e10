import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { FrameReader } from './frame-reader.ts'
import { closeCode, frameBytesMax, frameType, ProtocolError } from './layout.ts'
import { headroomBytes, Slab } from './slab.ts'
import { cutBytes } from './web-socket.fixture.ts'

function frameOf(payload: Uint8Array): Buffer {
  const slab = new Slab(headroomBytes + 8 + payload.length)
  slab.begin(frameType.answer, 0, 0)
  slab.bytes.set(payload, slab.used)
  slab.used += payload.length
  slab.end()
  return slab.bytes.subarray(headroomBytes, slab.used)
}

test('frames read the same wherever the stream is cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 3_000, size: 'medium' }), { maxLength: 12 }),
      fc.array(fc.nat(), { maxLength: 20 }),
      (payloads, cuts) => {
        const seen: Buffer[] = []
        const reader = new FrameReader((bytes, start, end) => {
          seen.push(Buffer.from(bytes.subarray(start + 8, end)))
        })
        const pieces = cutBytes(Buffer.concat(payloads.map(frameOf)), cuts)
        for (const piece of pieces) reader.push(piece, 0, piece.length)
        assert.deepEqual(
          seen,
          payloads.map((payload) => Buffer.from(payload)),
        )
      },
    ),
    { numRuns: 300 },
  )
})

test('a stream that comes byte by byte, with the longest frame in it, is read', () => {
  const payloads = [new Uint8Array(0), new Uint8Array(frameBytesMax - 8).fill(3), new Uint8Array(1)]
  const bytes = Buffer.concat(payloads.map(frameOf))
  const lengths: number[] = []
  const reader = new FrameReader((_bytes, start, end) => void lengths.push(end - start - 8))
  for (let at = 0; at < bytes.length; at++) reader.push(bytes, at, at + 1)
  assert.deepEqual(lengths, [0, frameBytesMax - 8, 1])
})

test('a length that lies is refused before anything is kept for it', () => {
  const push = (length: number): (() => void) => {
    const bytes = Buffer.alloc(64)
    bytes.writeUInt32LE(length)
    return () => new FrameReader(() => {}).push(bytes, 0, bytes.length)
  }
  const refusal = (code: number) => (error: unknown) =>
    error instanceof ProtocolError && error.closeCode === code
  for (const length of [0, 7]) assert.throws(push(length), refusal(closeCode.protocol))
  for (const length of [frameBytesMax + 1, 2 ** 32 - 1]) {
    assert.throws(push(length), refusal(closeCode.tooLarge))
  }
  assert.doesNotThrow(push(frameBytesMax))
})

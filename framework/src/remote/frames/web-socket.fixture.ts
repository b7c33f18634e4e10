import { opcode } from './web-socket-head.ts'

/** How a frame of a test is to be; a whole unmasked binary message unless told. */
export interface FrameWish {
  readonly opcode?: number
  readonly isFinal?: boolean
  /** Bits 1, 2 and 4. */
  readonly reserved?: number
  readonly mask?: Buffer
  /** Instead of the true length, and in how many bytes it stands (0, 2 or 8). */
  readonly length?: { readonly value: bigint; readonly bytes: 0 | 2 | 8 }
}

/** One WebSocket frame, right or wrong. */
export function webSocketFrame(payload: Buffer, wish: FrameWish = {}): Buffer {
  const { isFinal = true, reserved = 0, mask } = wish
  const first = (isFinal ? 0x80 : 0) | (reserved << 4) | (wish.opcode ?? opcode.binary)
  const value = wish.length?.value ?? BigInt(payload.length)
  const bytes = wish.length?.bytes ?? (value < 126n ? 0 : value < 65_536n ? 2 : 8)
  const length = Buffer.alloc(bytes)
  if (bytes === 2) length.writeUInt16BE(Number(value))
  if (bytes === 8) length.writeBigUInt64BE(value)
  const second = bytes === 0 ? Number(value) : bytes === 2 ? 126 : 127
  const masked = Buffer.from(payload)
  if (mask !== undefined) {
    for (let at = 0; at < masked.length; at++) masked[at] = (masked[at] ?? 0) ^ (mask[at & 3] ?? 0)
  }
  const head = Buffer.from([first, (mask === undefined ? 0 : 0x80) | second])
  return Buffer.concat([head, length, mask ?? Buffer.alloc(0), masked])
}

/** `bytes` cut at `cuts`, each taken modulo its length. */
export function cutBytes(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].toSorted((a, b) => a - b)
  const ends = [...places, bytes.length]
  return ends.map((end, index) => Buffer.from(bytes.subarray(places[index - 1] ?? 0, end)))
}

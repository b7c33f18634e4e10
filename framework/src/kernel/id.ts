import type { Clock } from './clock.ts'
import { kernelIdInvalid } from './errors.ts'
import type { Random } from './random.ts'

/** The fixed number of logical shards; an id carries one in 12 bits. */
export const shardCount = 4096

/** Makes UUIDv7s (RFC 9562): 48 bits of milliseconds, 12 bits of shard, 62 bits of randomness. */
export interface Ids {
  /** @param shard  0..4095, or undefined for a random one. */
  next(shard?: number): string
}

const uuidChars = 36
/** Where each byte stands in the text. */
const charAt: readonly number[] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34]
const hexDigits = '0123456789abcdef'
const canonical = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** Ids from a clock and randomness. Ids of one millisecond are in no particular order. */
export function createIds(clock: Clock, random: Random): Ids {
  // one native call makes a flat text of it; joined slices would be copied again wherever it is written
  const text = Buffer.alloc(uuidChars, '-')
  return {
    next(shard) {
      const id = random.bytes(16)
      id.writeUIntBE(clock.nowMs(), 0, 6)
      const low12 = shard ?? id.readUInt16BE(6) & 0x0fff
      id.writeUInt16BE(0x7000 | (low12 & 0x0fff), 6)
      id.writeUInt8(0x80 | (id.readUInt8(8) & 0x3f), 8)
      for (let index = 0; index < 16; index++) writeHex(text, charAt[index] ?? 0, id[index] ?? 0)
      return text.toString('latin1')
    },
  }
}

/** The logical shard (0..4095) that an id carries.
 *  @throws KERNEL_ID_INVALID */
export function shardOfId(id: string): number {
  if (!canonical.test(id)) throw kernelIdInvalid({ value: id.slice(0, 64) })
  return Number.parseInt(id.slice(15, 18), 16)
}

/** The logical shard (0..4095) of a natural key, by FNV-1a over its UTF-16 code units. Stable for
 *  ever: rows are placed by it. */
export function shardOfKey(key: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < key.length; index++) {
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193)
  }
  return ((hash >>> 0) ^ (hash >>> 12) ^ (hash >>> 24)) & (shardCount - 1)
}

function writeHex(text: Buffer, at: number, byte: number): void {
  text[at] = hexDigits.charCodeAt(byte >>> 4)
  text[at + 1] = hexDigits.charCodeAt(byte & 0x0f)
}

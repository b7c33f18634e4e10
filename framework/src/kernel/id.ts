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

const canonical = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** Ids from a clock and randomness. Ids of one millisecond are in no particular order. */
export function createIds(clock: Clock, random: Random): Ids {
  return {
    next(shard) {
      const id = random.bytes(16)
      id.writeUIntBE(clock.nowMs(), 0, 6)
      const low12 = shard ?? id.readUInt16BE(6) & 0x0fff
      id.writeUInt16BE(0x7000 | (low12 & 0x0fff), 6)
      id.writeUInt8(0x80 | (id.readUInt8(8) & 0x3f), 8)
      return formatUuid(id.toString('hex'))
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

function formatUuid(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

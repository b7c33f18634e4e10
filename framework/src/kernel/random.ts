import { randomFillSync } from 'node:crypto'

/** Randomness, injected. */
export interface Random {
  /** `count` fresh bytes (1..4096). */
  bytes(count: number): Buffer
  /** A number in [0, 1). */
  fraction(): number
}

const poolBytes = 8192

/** Cryptographic randomness of the machine, drawn in blocks so that small draws stay cheap. */
export function createSystemRandom(): Random {
  const pool = Buffer.allocUnsafe(poolBytes)
  let used = poolBytes
  const bytes = (count: number): Buffer => {
    if (used + count > poolBytes) {
      randomFillSync(pool)
      used = 0
    }
    const drawn = Buffer.from(pool.subarray(used, used + count))
    used += count
    return drawn
  }
  return { bytes, fraction: () => bytes(6).readUIntBE(0, 6) / 2 ** 48 }
}

/** A repeatable sequence (mulberry32) for tests and simulation; never for secrets. */
export function createSeededRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  return {
    bytes(count) {
      const drawn = Buffer.allocUnsafe(count)
      for (let index = 0; index < count; index++) drawn[index] = next() & 0xff
      return drawn
    },
    fraction: () => next() / 2 ** 32,
  }
}

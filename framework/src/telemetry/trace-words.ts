import type { Random } from '../kernel/index.ts'

/** Trace and span identifiers as signed 32-bit words: hex text is made only where it leaves the
 *  process, and a signed word is kept without an allocation where an unsigned one may need a box. */

const hexByte: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, '0'),
)

/** Eight lower-case hex digits of a 32-bit word, signed or not. */
export function hexOfWord(word: number): string {
  return (
    (hexByte[word >>> 24] ?? '') +
    (hexByte[(word >>> 16) & 0xff] ?? '') +
    (hexByte[(word >>> 8) & 0xff] ?? '') +
    (hexByte[word & 0xff] ?? '')
  )
}

/** The word in eight hex digits of `text` from `offset`. */
export function wordOfHex(text: string, offset: number): number {
  return Number.parseInt(text.slice(offset, offset + 8), 16) | 0
}

/** A fast sequence of signed 32-bit words (sfc32) seeded from real randomness: identifiers must be unlikely
 *  to collide, not hard to guess. */
export function createWordSource(random: Random): () => number {
  const seed = random.bytes(16)
  let a = seed.readInt32LE(0)
  let b = seed.readInt32LE(4)
  let c = seed.readInt32LE(8)
  let counter = seed.readInt32LE(12) | 1
  return () => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return sum
  }
}

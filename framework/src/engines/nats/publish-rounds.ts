import type { CarriedMessage } from '../../messages/index.ts'

/** Most messages and bytes that are under way at once. */
const countMax = 512
const bytesMax = 8 * 1024 * 1024

/** Splits a batch into rounds, each published when the one before is acknowledged. No round holds two
 *  messages of one topic with one key: JetStream judges every message alone, so a server that refuses one
 *  (it is full) might take the next one of that key, and the order would be lost.
 *  Cost: a batch with one key only is published message by message. */
export function planRounds(batch: readonly CarriedMessage[]): readonly CarriedMessage[][] {
  const rounds: CarriedMessage[][] = []
  const seen = new Map<string, number>()
  for (const message of batch) {
    const at = roundOf(message, seen)
    const round = rounds[at]
    if (round === undefined) rounds[at] = [message]
    else round.push(message)
  }
  return rounds.flatMap(splitRound)
}

function roundOf({ name, key }: CarriedMessage, seen: Map<string, number>): number {
  if (key === undefined) return 0
  const place = `${name}\n${key}`
  const count = seen.get(place) ?? 0
  seen.set(place, count + 1)
  return count
}

function splitRound(round: readonly CarriedMessage[]): CarriedMessage[][] {
  const parts: CarriedMessage[][] = []
  let part: CarriedMessage[] = []
  let bytes = 0
  for (const message of round) {
    const size = Buffer.byteLength(message.payload)
    if (part.length > 0 && (part.length >= countMax || bytes + size > bytesMax)) {
      parts.push(part)
      part = []
      bytes = 0
    }
    part.push(message)
    bytes += size
  }
  parts.push(part)
  return parts
}

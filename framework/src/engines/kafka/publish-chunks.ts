import type { CarriedMessage } from '../../messages/index.ts'

const bytesMax = 1024 * 1024
const framingBytes = 256

/** Splits a batch into chunks, each sent when the one before is acknowledged. A broker takes what a chunk
 *  has for one partition as one batch of records, whole or not at all, and limits such a batch to about
 *  the size of the largest message: a chunk is no larger, unless it is one message. */
export function planChunks(batch: readonly CarriedMessage[]): readonly CarriedMessage[][] {
  const chunks: CarriedMessage[][] = []
  let chunk: CarriedMessage[] = []
  let bytes = 0
  for (const message of batch) {
    const size = sizeOf(message)
    if (chunk.length > 0 && bytes + size > bytesMax) {
      chunks.push(chunk)
      chunk = []
      bytes = 0
    }
    chunk.push(message)
    bytes += size
  }
  if (chunk.length > 0) chunks.push(chunk)
  return chunks
}

function sizeOf({ payload, headers, key = '' }: CarriedMessage): number {
  return Buffer.byteLength(payload) + Buffer.byteLength(headers) + 2 * key.length + framingBytes
}

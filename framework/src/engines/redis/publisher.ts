import type { CarriedMessage } from '../../messages/index.ts'
import { toFields } from './carried-form.ts'
import type { Client } from './link.ts'
import type { Names } from './names.ts'

/** Most of one transaction, so that a batch of large messages does not fill the server's buffers. */
const bytesMax = 8 * 1024 * 1024

export interface PublishOptions {
  readonly names: Names
  /** Whether a consumer was declared for a topic. */
  readonly isHeard: (topic: string) => boolean
}

/** Adds a batch, in transactions: each is taken as a whole or not at all, so that a server that is full
 *  cannot take a later message and refuse an earlier one.
 *  @throws Error when a topic that is wanted has no stream */
export async function addAll(
  client: Client,
  batch: readonly CarriedMessage[],
  { names, isHeard }: PublishOptions,
): Promise<void> {
  for (const part of partsOf(batch)) {
    const transaction = client.multi()
    for (const message of part) {
      // a topic that nobody ever wanted has no stream, and gets none
      transaction.xAddNoMkStream(names.streamOf(message.name), '*', toFields(message))
    }
    const ids: readonly unknown[] = await transaction.exec()
    const lost = part.find(({ name }, index) => ids[index] === null && isHeard(name))
    if (lost !== undefined) throw new Error(`the stream of ${lost.name} is gone`)
  }
}

function partsOf(batch: readonly CarriedMessage[]): CarriedMessage[][] {
  const parts: CarriedMessage[][] = []
  let bytes = Infinity
  for (const message of batch) {
    // an upper bound that costs nothing: a UTF-16 unit has at most three bytes
    const size = 3 * (message.payload.length + message.headers.length)
    if (bytes + size > bytesMax) {
      parts.push([])
      bytes = 0
    }
    bytes += size
    parts.at(-1)?.push(message)
  }
  return parts
}

import type { FileContent } from '../module/index.ts'
import { filesTooLarge } from './errors.ts'

/** A content and what bounds it. */
export interface BoundedContent {
  readonly key: string
  readonly content: FileContent
  readonly sizeBytesMax: number
  readonly signal: AbortSignal
}

/** The parts of a content, which ends with the signal even where its source hangs.
 *  @throws FILES_TOO_LARGE · the signal's reason · what the source throws */
export async function* boundedParts(bounded: BoundedContent): AsyncGenerator<Uint8Array> {
  const { key, content, sizeBytesMax, signal } = bounded
  let seen = 0
  for await (const part of content instanceof Uint8Array ? [content] : until(content, signal)) {
    seen += part.length
    if (seen > sizeBytesMax) throw filesTooLarge({ key, sizeBytesMax })
    yield part
  }
}

/** All of a content at once. @throws as `boundedParts` */
export async function collectContent(bounded: BoundedContent): Promise<Buffer<ArrayBuffer>> {
  const parts: Uint8Array[] = []
  for await (const part of boundedParts(bounded)) parts.push(part)
  return Buffer.concat(parts)
}

async function* until(
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const iterator = source[Symbol.asyncIterator]()
  const unwanted = Promise.withResolvers<never>()
  unwanted.promise.catch(() => {})
  const giveUp = (): void => unwanted.reject(signal.reason)
  signal.addEventListener('abort', giveUp, { once: true })
  try {
    while (true) {
      signal.throwIfAborted()
      const next = await Promise.race([iterator.next(), unwanted.promise])
      if (next.done === true) return
      yield next.value
    }
  } finally {
    signal.removeEventListener('abort', giveUp)
    // not awaited: a source that hangs would hang its end, too
    Promise.resolve(iterator.return?.()).catch(() => {})
  }
}

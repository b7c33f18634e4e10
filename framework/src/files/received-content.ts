import { createHash } from 'node:crypto'
import type { FileInfo, StoredFile } from '../module/index.ts'
import { filesCorrupt } from './errors.ts'

/** An opened file over parts that come from anywhere. */
export interface FileParts {
  readonly info: FileInfo
  readonly parts: AsyncIterable<Uint8Array>
  /** Bytes that `parts` must have. */
  readonly sizeBytes: number
  /** Whether they are the whole file, which its tag belongs to. */
  readonly isWhole: boolean
  /** Idempotent. */
  close(): Promise<void>
}

/** An opened file whose content is checked while it is read: its length, and its tag when it is whole. */
export function storedFileOf(source: FileParts): StoredFile {
  const content = checkedParts(source)
  return {
    info: source.info,
    content,
    async bytes() {
      const parts: Uint8Array[] = []
      for await (const part of content) parts.push(part)
      return Buffer.concat(parts)
    },
    [Symbol.asyncDispose]: () => source.close(),
  }
}

async function* checkedParts(source: FileParts): AsyncGenerator<Uint8Array> {
  const { info, parts, sizeBytes, isWhole } = source
  const hash = createHash('sha256')
  let seen = 0
  try {
    for await (const part of parts) {
      seen += part.length
      if (isWhole) hash.update(part)
      yield part
    }
    if (seen !== sizeBytes) {
      throw filesCorrupt({ key: info.key, cause: `${seen} bytes came instead of ${sizeBytes}` })
    }
    if (isWhole && hash.digest('hex') !== info.etag) {
      throw filesCorrupt({ key: info.key, cause: 'its checksum is another one' })
    }
  } finally {
    await source.close()
  }
}

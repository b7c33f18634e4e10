import type { FileEntry } from '../../module/index.ts'
import { textOf, textsOf } from './xml-text.ts'

/** What ListObjectsV2 answered. */
export interface ListAnswer {
  readonly entries: readonly FileEntry[]
  readonly isTruncated: boolean
}

/** Reads the answer to a request with `encoding-type=url`.
 *  @returns undefined for a text that is no such answer */
export function tryParseList(xml: string): ListAnswer | undefined {
  if (!xml.includes('<ListBucketResult')) return undefined
  const isTruncated = textOf(xml, 'IsTruncated') === 'true'
  const entries: FileEntry[] = []
  for (const part of textsOf(xml, 'Contents')) {
    const key = tryDecode(textOf(part, 'Key'))
    const sizeBytes = Number(textOf(part, 'Size'))
    const storedAtMs = Date.parse(textOf(part, 'LastModified'))
    if (key === undefined || !Number.isSafeInteger(sizeBytes) || Number.isNaN(storedAtMs)) {
      return undefined
    }
    entries.push({ key, sizeBytes, storedAtMs })
  }
  return { entries, isTruncated }
}

function tryDecode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}

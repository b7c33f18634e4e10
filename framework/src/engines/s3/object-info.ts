import { filesCorrupt } from '../../files/index.ts'
import type { FileInfo } from '../../module/index.ts'

/** Metadata of an object: the SHA-256 of its content, and which put it came with. */
export const checksumHeader = 'x-amz-meta-sha256'
export const putIdHeader = 'x-amz-meta-put'

/** What the headers of an object say of a file.
 *  @throws FILES_CORRUPT for one that no store of ours has put there */
export function infoOf(key: string, headers: Headers): FileInfo {
  const etag = headers.get(checksumHeader) ?? ''
  if (!/^[0-9a-f]{64}$/.test(etag)) {
    throw filesCorrupt({ key, cause: 'it carries no checksum' })
  }
  const sizeBytes = sizeOf(headers)
  if (!Number.isSafeInteger(sizeBytes)) {
    throw filesCorrupt({ key, cause: 'its length is not told' })
  }
  return {
    key,
    sizeBytes,
    contentType: headers.get('content-type') ?? 'application/octet-stream',
    etag,
    storedAtMs: timeOf(headers, 'last-modified'),
  }
}

/** Milliseconds of a header with a date; 0 when it has none. */
export function timeOf(headers: Headers, name: string): number {
  const timeMs = Date.parse(headers.get(name) ?? '')
  return Number.isNaN(timeMs) ? 0 : timeMs
}

/** Of the whole object, also when a range of it is answered. */
function sizeOf(headers: Headers): number {
  const total = /^bytes \d+-\d+\/(\d+)$/.exec(headers.get('content-range') ?? '')?.[1]
  return Number(total ?? headers.get('content-length') ?? Number.NaN)
}

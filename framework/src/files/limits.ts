import { filesOptionInvalid, filesTooLarge } from './errors.ts'
import type { FileListRequest, FilePutRequest } from './port.ts'

/** Most bytes of one file, in any store: what a store that must know a checksum first holds in memory. */
export const fileBytesMax: number = 64 * 1024 * 1024

const pageMax = 1_000
const pageUsual = 100
const contentTypePattern =
  /^[A-Za-z0-9!#$&^_.+-]+\/[A-Za-z0-9!#$&^_.+-]+(?:; ?[A-Za-z0-9-]+=[A-Za-z0-9_.-]+)*$/

/** The bound of a content that is to be stored.
 *  @throws FILES_OPTION_INVALID · FILES_TOO_LARGE for one that is known to be larger */
export function readPutBound({ key, content, contentType, ...options }: FilePutRequest): number {
  const { sizeBytesMax = fileBytesMax } = options
  if (contentType.length > 128 || !contentTypePattern.test(contentType)) {
    const rule = 'a media type of at most 128 characters'
    throw filesOptionInvalid({ option: 'contentType', value: contentType, rule })
  }
  if (!Number.isInteger(sizeBytesMax) || sizeBytesMax < 0 || sizeBytesMax > fileBytesMax) {
    const rule = `a whole number from 0 to ${fileBytesMax}`
    throw filesOptionInvalid({ option: 'sizeBytesMax', value: sizeBytesMax, rule })
  }
  if (content instanceof Uint8Array && content.length > sizeBytesMax) {
    throw filesTooLarge({ key, sizeBytesMax })
  }
  return sizeBytesMax
}

/** How many entries a page may have. @throws FILES_OPTION_INVALID */
export function readPageBound({ countMax = pageUsual }: FileListRequest): number {
  if (Number.isInteger(countMax) && countMax >= 1 && countMax <= pageMax) return countMax
  const rule = `a whole number from 1 to ${pageMax}`
  throw filesOptionInvalid({ option: 'countMax', value: countMax, rule })
}

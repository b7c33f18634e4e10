import { filesCorrupt } from './errors.ts'

/** What a local file says of itself. */
export interface Trailer {
  readonly sizeBytes: number
  readonly contentType: string
  readonly etag: string
}

/** Bytes at the end of each local file. They are in the file rather than beside it, because one rename
 *  then replaces content and metadata together; of one length, so that a size is known without reading. */
export const trailerBytes = 512

const magic = Buffer.from('\nbanyan file 1\n', 'latin1')

/** Requires: an etag of 64 and a content type of at most 128 characters; both fit with room to spare. */
export function encodeTrailer(trailer: Trailer): Buffer {
  const encoded = Buffer.alloc(trailerBytes, ' ')
  magic.copy(encoded)
  encoded.write(JSON.stringify(trailer), magic.length, 'latin1')
  return encoded
}

/** @param fileBytes  length of the file that it ends
 *  @throws FILES_CORRUPT */
export function parseTrailer(encoded: Buffer, fileBytes: number, key: string): Trailer {
  if (encoded.length !== trailerBytes || !encoded.subarray(0, magic.length).equals(magic)) {
    throw filesCorrupt({ key, cause: 'its trailer is missing' })
  }
  const trailer = tryParse(encoded.toString('latin1', magic.length))
  if (trailer === undefined) throw filesCorrupt({ key, cause: 'its trailer cannot be read' })
  const contentBytes = fileBytes - trailerBytes
  if (trailer.sizeBytes !== contentBytes) {
    const cause = `it has ${contentBytes} bytes instead of ${trailer.sizeBytes}`
    throw filesCorrupt({ key, cause })
  }
  return trailer
}

function tryParse(text: string): Trailer | undefined {
  try {
    const value = JSON.parse(text) as Partial<Trailer> | null
    const { sizeBytes, contentType, etag } = value ?? {}
    if (typeof sizeBytes !== 'number' || typeof contentType !== 'string') return undefined
    return typeof etag === 'string' ? { sizeBytes, contentType, etag } : undefined
  } catch {
    return undefined
  }
}

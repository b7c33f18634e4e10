import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'

/** How the reading of a body ended. */
export type PostBody =
  | { readonly text: string }
  /** It is longer than allowed; so many bytes were announced or had come. */
  | { readonly tooManyBytes: number }
  | { readonly malformed: string }

/** Reads a body of JSON text; `ended` is called once, unless the sender goes away first. */
export function readPostBody(
  request: IncomingMessage,
  bytesMax: number,
  ended: (body: PostBody) => void,
): void {
  const announced = Number(request.headers['content-length'] ?? 0)
  if (announced > bytesMax) return ended({ tooManyBytes: announced })
  const chunks: Buffer[] = []
  let bytes = 0
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes <= bytesMax) return void chunks.push(chunk)
    request.removeAllListeners('data').removeAllListeners('end')
    ended({ tooManyBytes: bytes })
  })
  request.on('end', () => {
    const body = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)
    ended(isUtf8(body) ? { text: body.toString() } : { malformed: 'the body is not UTF-8' })
  })
}

import { isUtf8 } from 'node:buffer'
import { closeCode, ProtocolError } from './layout.ts'

/** The text in a range of bytes. @throws ProtocolError when it is not UTF-8 */
export function readText(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString('utf8', start, end)
  // what cannot be decoded becomes U+FFFD, which a text may also hold of its own
  if (text.includes('\uFFFD') && !isUtf8(bytes.subarray(start, end))) {
    throw new ProtocolError(closeCode.invalidText, 'a text is not UTF-8')
  }
  return text
}

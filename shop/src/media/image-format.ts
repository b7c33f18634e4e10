const avifBrands: readonly string[] = ['avif', 'avis']

/** Whether the first bytes are those of a format that is taken. Asked before any decoder sees them: a
 *  decoder that is never called has no holes. */
export function isKnownFormat(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.subarray(0, 16)).toString('latin1')
  return (
    head.startsWith('\xff\xd8\xff') ||
    head.startsWith('\x89PNG\r\n\x1a\n') ||
    (head.startsWith('RIFF') && head.slice(8, 12) === 'WEBP') ||
    (head.slice(4, 8) === 'ftyp' && avifBrands.includes(head.slice(8, 12)))
  )
}

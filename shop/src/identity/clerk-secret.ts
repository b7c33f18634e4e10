import { createHash, timingSafeEqual } from 'node:crypto'

/** Whether `given` is the configured secret, in a time that does not depend on how much of it is
 *  right. Without a configured secret nothing is. */
export function isClerkSecret(given: string, configured: string | undefined): boolean {
  const isEqual = timingSafeEqual(digest(given), digest(configured ?? ''))
  return isEqual && configured !== undefined
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

import { filesKeyInvalid } from './errors.ts'

/** Characters of a key. */
export const keyLengthMax = 512
/** Characters of a segment: three times as many still fit into a name of any file system. */
export const segmentLengthMax = 80

const unprintable = /[^ -[\]-~]/

/** States that a text can name a file in every store.
 *  @throws FILES_KEY_INVALID */
export function assertKey(key: string): void {
  assertText(key)
  for (const segment of key.split('/')) assertSegment(key, segment)
}

/** As `assertKey`, for the begin of a key: empty, and cut anywhere.
 *  @throws FILES_KEY_INVALID */
export function assertPrefix(prefix: string): void {
  if (prefix === '') return
  assertText(prefix)
  const segments = prefix.split('/')
  const last = segments.pop() ?? ''
  for (const segment of segments) assertSegment(prefix, segment)
  if (last.length > segmentLengthMax) assertSegment(prefix, last)
}

function assertText(key: string): void {
  if (key.length > keyLengthMax) {
    throw filesKeyInvalid({ key, rule: `it has more than ${keyLengthMax} characters` })
  }
  if (unprintable.test(key)) {
    throw filesKeyInvalid({ key, rule: 'only printable ASCII without a backslash may stand in it' })
  }
}

function assertSegment(key: string, segment: string): void {
  if (segment === '') throw filesKeyInvalid({ key, rule: 'a segment of it is empty' })
  if (segment === '.' || segment === '..') {
    throw filesKeyInvalid({ key, rule: `"${segment}" may not be a segment of it` })
  }
  if (segment.length > segmentLengthMax) {
    throw filesKeyInvalid({
      key,
      rule: `a segment of it has more than ${segmentLengthMax} characters`,
    })
  }
}

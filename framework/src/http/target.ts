import { httpPathInvalid, httpQueryInvalid } from './errors.ts'

/** A path as decoded segments.
 *  @throws HTTP_PATH_INVALID for bad escapes, NUL, backslashes, empty and dot segments. */
export function decodePath(path: string): string[] {
  const segments = path.slice(1).split('/')
  if (segments.length === 1 && segments[0] === '') return []
  return segments.map((segment, index) => {
    const text = segment.includes('%') ? decodeSegment(segment) : segment
    if (text === '.' || text === '..') throw httpPathInvalid({ cause: 'has a dot segment' })
    if (text === '' && index < segments.length - 1) {
      throw httpPathInvalid({ cause: 'has an empty segment' })
    }
    if (text.includes('\0')) throw httpPathInvalid({ cause: 'holds a NUL' })
    if (segment.includes('\\')) throw httpPathInvalid({ cause: 'holds a backslash' })
    return text
  })
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw httpPathInvalid({ cause: 'has an escape that is not UTF-8' })
  }
}

const fieldsMax = 200

/** Fields of a query string; a name given more than once becomes an array.
 *  @throws HTTP_QUERY_INVALID for bad escapes, NUL, `__proto__` and more than 200 fields. */
export function parseQuery(text: string): Record<string, string | string[]> {
  const fields: Record<string, string | string[]> = {}
  let count = 0
  for (let from = 0; from < text.length; ) {
    let end = text.indexOf('&', from)
    if (end === -1) end = text.length
    if (end > from) {
      if (++count > fieldsMax) throw httpQueryInvalid({ cause: `has over ${fieldsMax} fields` })
      addField(fields, text.slice(from, end))
    }
    from = end + 1
  }
  return fields
}

function addField(fields: Record<string, string | string[]>, pair: string): void {
  const equals = pair.indexOf('=')
  const name = decodeComponent(equals === -1 ? pair : pair.slice(0, equals))
  const value = equals === -1 ? '' : decodeComponent(pair.slice(equals + 1))
  if (name === '__proto__') throw httpQueryInvalid({ cause: 'names a forbidden field' })
  const known = Object.hasOwn(fields, name) ? fields[name] : undefined
  if (known === undefined) fields[name] = value
  else if (typeof known === 'string') fields[name] = [known, value]
  else known.push(value)
}

function decodeComponent(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  if (!spaced.includes('%')) return spaced
  let decoded: string
  try {
    decoded = decodeURIComponent(spaced)
  } catch {
    throw httpQueryInvalid({ cause: 'has an escape that is not UTF-8' })
  }
  if (decoded.includes('\0')) throw httpQueryInvalid({ cause: 'holds a NUL' })
  return decoded
}

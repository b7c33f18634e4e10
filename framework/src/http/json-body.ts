import { isUtf8 } from 'node:buffer'
import { httpBodyInvalid } from './errors.ts'

/** Levels of nesting a body may have. */
export const bodyDepthMax = 32

const quote = 0x22
const backslash = 0x5c
const colon = 0x3a

/** The value of a JSON body.
 *  @throws HTTP_BODY_INVALID for bytes that are not UTF-8, text that is not JSON, a key given twice
 *    in one object, the key `__proto__`, nesting deeper than 32 levels, and text that no database
 *    keeps: a NUL, or half of a surrogate pair.
 *  Cost: JSON.parse and one pass over the text. */
export function parseJsonBody(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw httpBodyInvalid({ cause: 'is not UTF-8' })
  const text = bytes.toString('utf8')
  const members = countMembers(text)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw httpBodyInvalid({ cause: 'is not JSON' }, { cause: error })
  }
  // An object that named a key twice has lost a member on the way.
  if (countKeys(value) !== members) throw httpBodyInvalid({ cause: 'names a key twice' })
  // Only an escape can stand for such a text in JSON that is UTF-8.
  if (text.includes('\\u')) assertStorable(value)
  return value
}

/** Requires: bounded depth. @throws HTTP_BODY_INVALID for a text, or a name, that is no Unicode text */
function assertStorable(value: unknown): void {
  if (typeof value === 'string') {
    if (value.includes('\0')) throw httpBodyInvalid({ cause: 'holds a NUL' })
    if (!value.isWellFormed()) throw httpBodyInvalid({ cause: 'holds half of a surrogate pair' })
  } else if (Array.isArray(value)) value.forEach(assertStorable)
  else if (typeof value === 'object' && value !== null) {
    for (const [key, field] of Object.entries(value)) {
      assertStorable(key)
      assertStorable(field)
    }
  }
}

/** Members of all objects in a JSON text: its colons outside of strings. For text that is not JSON
 *  the number means nothing, and JSON.parse will say so.
 *  @throws HTTP_BODY_INVALID when brackets nest too deep. */
function countMembers(text: string): number {
  let members = 0
  let depth = 0
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit === quote) index = endOfString(text, index)
    else if (unit === colon) members++
    else if (unit === 0x7b || unit === 0x5b) {
      if (++depth > bodyDepthMax) {
        throw httpBodyInvalid({ cause: `nests deeper than ${bodyDepthMax} levels` })
      }
    } else if (unit === 0x7d || unit === 0x5d) depth--
  }
  return members
}

/** Where the string that opens at `start` closes; the text's length when it does not. */
function endOfString(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit === quote) return index
    if (unit === backslash) index++
  }
  return text.length
}

/** Own keys of all objects in parsed JSON. Requires: bounded depth. */
function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  let keys = 0
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) keys += countKeys(value[index])
    return keys
  }
  const fields = value as Record<string, unknown>
  for (const key in fields) {
    if (key === '__proto__') throw httpBodyInvalid({ cause: 'names the key "__proto__"' })
    keys++
    const field = fields[key]
    if (typeof field === 'object') keys += countKeys(field)
  }
  return keys
}

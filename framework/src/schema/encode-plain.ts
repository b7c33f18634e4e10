import { kernelValueUnencodable } from '../kernel/index.ts'
import { depthMax } from './compiled-schema.ts'
import { formatInstant } from './iso-instant.ts'
import { bytesToWire } from './wire-scalars.ts'

// oxlint-disable-next-line no-control-regex -- JSON wants exactly these escaped
const needsEscape = /["\\\u0000-\u001f\ud800-\udfff]/

/** A JSON string. Lone surrogates are escaped, as `JSON.stringify` does. */
export function encodeString(value: string): string {
  return needsEscape.test(value) ? JSON.stringify(value) : `"${value}"`
}

/** JSON text of any plain value in wire form, by its run-time type alone.
 *  @throws KERNEL_VALUE_UNENCODABLE for functions, symbols, NaN, infinities, invalid dates,
 *  instances of classes and what is nested deeper than three times `depthMax`. */
export function encodePlain(value: unknown, depth = 0): string {
  switch (typeof value) {
    case 'string':
      return encodeString(value)
    case 'number':
      return Number.isFinite(value) ? String(value) : unencodable(String(value))
    case 'boolean':
      return value ? 'true' : 'false'
    case 'bigint':
      return `"${value}"`
    case 'undefined':
      return 'null'
    case 'object':
      return value === null ? 'null' : encodeObject(value, depth + 1)
    default:
      return unencodable(typeof value)
  }
}

function encodeObject(value: object, depth: number): string {
  if (depth > depthMax * 3) return unencodable(`value nested deeper than ${depthMax * 3} levels`)
  if (Array.isArray(value)) return encodeList(value, depth)
  if (value instanceof Date) return encodeDate(value)
  if (value instanceof Uint8Array) return `"${bytesToWire(value)}"`
  if (value instanceof Map) return encodeList(value.entries(), depth)
  if (value instanceof Set) return encodeList(value, depth)
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) {
    return unencodable(`instance of ${value.constructor?.name ?? 'a class'}`)
  }
  return `{${encodeEntries(value, depth)}}`
}

/** `"key":value` pairs of the enumerable own keys, undefined ones left out. */
function encodeEntries(value: object, depth: number): string {
  let text = ''
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue
    text += `${text === '' ? '' : ','}${encodeString(key)}:${encodePlain(item, depth)}`
  }
  return text
}

function encodeList(items: Iterable<unknown>, depth: number): string {
  let text = ''
  for (const item of items) text += `${text === '' ? '' : ','}${encodePlain(item, depth)}`
  return `[${text}]`
}

export function encodeDate(value: Date): string {
  const time = value.getTime()
  return Number.isNaN(time) ? unencodable('invalid Date') : `"${formatInstant(time)}"`
}

export function unencodable(type: string): never {
  throw kernelValueUnencodable({ type })
}

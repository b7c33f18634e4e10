import { kernelValueUnencodable } from '../kernel/index.ts'
import { dataRecordInvalid } from './errors.ts'

/** Values nest at most this deep; a cycle is found by it. */
const depthMax = 100

/** Encodes plain data as JSON text from which `decodeRecord` makes an equal value: JSON values, and
 *  undefined, bigint, Date, Map, Set, Uint8Array, NaN, ±Infinity and −0, which are written as
 *  `{"$":[tag, …]}`.
 *  @throws KERNEL_VALUE_UNENCODABLE for functions, symbols, class instances, cycles and nesting
 *    deeper than 100. */
export function encodeRecord(value: unknown): string {
  return JSON.stringify(toJson(value, 0))
}

/** The value that `encodeRecord` was given.
 *  @throws DATA_RECORD_INVALID */
export function decodeRecord(text: string): unknown {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw dataRecordInvalid({ reason: 'it is not JSON' }, { cause })
  }
  return fromJson(json)
}

type Tagged = { readonly $: readonly unknown[] }
const tagged = (tag: string, ...payload: unknown[]): Tagged => ({ $: [tag, ...payload] })

function toJson(value: unknown, depth: number): unknown {
  if (depth > depthMax) throw kernelValueUnencodable({ type: 'value nested deeper than 100' })
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      return isJsonNumber(value)
        ? value
        : tagged('number', Object.is(value, -0) ? '-0' : `${value}`)
    case 'undefined':
      return tagged('undefined')
    case 'bigint':
      return tagged('bigint', value.toString())
    case 'object':
      return value === null ? null : objectToJson(value, depth + 1)
    default:
      throw kernelValueUnencodable({ type: typeof value })
  }
}

function isJsonNumber(value: number): boolean {
  return Number.isFinite(value) && !Object.is(value, -0)
}

function objectToJson(value: object, depth: number): unknown {
  if (Array.isArray(value)) return Array.from(value, (item) => toJson(item, depth))
  if (value instanceof Date) return tagged('date', dateToJson(value))
  if (value instanceof Uint8Array) return tagged('bytes', Buffer.from(value).toString('base64'))
  if (value instanceof Set) return tagged('set', listToJson(value, depth))
  if (value instanceof Map) {
    return tagged('map', listToJson(value.keys(), depth), listToJson(value.values(), depth))
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) {
    throw kernelValueUnencodable({ type: value.constructor?.name ?? 'class instance' })
  }
  const entries = Object.entries(value).map(([key, item]) => [key, toJson(item, depth)] as const)
  return Object.hasOwn(value, '$') ? tagged('object', entries) : Object.fromEntries(entries)
}

function dateToJson(value: Date): number {
  const ms = value.getTime()
  if (Number.isNaN(ms)) throw kernelValueUnencodable({ type: 'invalid Date' })
  return ms
}

function listToJson(items: Iterable<unknown>, depth: number): unknown[] {
  return Array.from(items, (item) => toJson(item, depth))
}

function fromJson(json: unknown): unknown {
  if (typeof json !== 'object' || json === null) return json
  if (Array.isArray(json)) return json.map(fromJson)
  if (Object.hasOwn(json, '$')) return untag((json as Tagged).$)
  return Object.fromEntries(Object.entries(json).map(([key, item]) => [key, fromJson(item)]))
}

function untag(content: readonly unknown[]): unknown {
  const [tag, payload, second] = content
  switch (tag) {
    case 'undefined':
      return undefined
    case 'number':
      return Number(payload)
    case 'bigint':
      return BigInt(String(payload))
    case 'date':
      return new Date(Number(payload))
    case 'bytes':
      return new Uint8Array(Buffer.from(String(payload), 'base64'))
    case 'set':
      return new Set(listOf(payload))
    case 'map':
      return mapOf(listOf(payload), listOf(second))
    case 'object':
      return Object.fromEntries((payload as [string, unknown][]).map(([k, v]) => [k, fromJson(v)]))
    default:
      throw dataRecordInvalid({ reason: `the tag ${JSON.stringify(tag)} is unknown` })
  }
}

function listOf(payload: unknown): unknown[] {
  if (!Array.isArray(payload)) throw dataRecordInvalid({ reason: 'a list is missing' })
  return payload.map(fromJson)
}

function mapOf(keys: unknown[], values: unknown[]): Map<unknown, unknown> {
  return new Map(keys.map((key, index) => [key, values[index]]))
}

import { kernelValueUnencodable } from '../../../kernel/index.ts'

/** A value as it goes over the wire: text, bytes or null. */
export type WireValue = string | Buffer | null

/** Encodes the values of one statement. Arrays become PostgreSQL arrays, plain objects become JSON;
 *  an array for a json column is passed as `JSON.stringify(array)`.
 *  @throws KERNEL_VALUE_UNENCODABLE for functions, symbols, invalid dates and cyclic objects. */
export function encodeValues(values: readonly unknown[]): WireValue[] {
  const encoded = new Array<WireValue>(values.length)
  for (let index = 0; index < values.length; index++) encoded[index] = encodeValue(values[index])
  return encoded
}

function encodeValue(value: unknown): WireValue {
  if (typeof value === 'string') return value
  if (value === null || value === undefined) return null
  if (typeof value !== 'object') return encodePrimitive(value)
  if (ArrayBuffer.isView(value)) {
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  }
  if (value instanceof Date) return encodeDate(value)
  return Array.isArray(value) ? encodeArray(value) : encodeJson(value)
}

function encodePrimitive(value: unknown): string {
  switch (typeof value) {
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value)
    default:
      throw kernelValueUnencodable({ type: typeof value })
  }
}

function encodeDate(value: Date): string {
  if (Number.isNaN(value.getTime())) throw kernelValueUnencodable({ type: 'invalid Date' })
  const text = value.toISOString()
  return text.startsWith('+') ? text.slice(1) : text
}

function encodeJson(value: object): string {
  try {
    return JSON.stringify(value)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw kernelValueUnencodable({ type: `JSON value (${reason})` }, { cause })
  }
}

function encodeArray(items: readonly unknown[]): string {
  return `{${items.map(encodeItem).join(',')}}`
}

function encodeItem(item: unknown): string {
  if (Array.isArray(item)) return encodeArray(item)
  const encoded = encodeValue(item)
  if (encoded === null) return 'NULL'
  if (typeof encoded !== 'string') return `"\\\\x${encoded.toString('hex')}"`
  return `"${encoded.replace(/["\\]/g, '\\$&')}"`
}

import { dayExists, parseInstant } from './iso-instant.ts'
import { type Invalid, invalid } from './compiled-schema.ts'

/** Digits of a bigint on the wire; reading longer ones costs more than linear time. */
export const bigintDigitsMax = 1_000

const integerText = /^-?\d+$/
const numberText = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?$/
const dateText =
  /^(\d{4}|[+-]\d{6})-(\d{2})-(\d{2})T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/
const base64Text = /^[A-Za-z0-9+/]*={0,2}$/

/** A decimal string, or a JSON integer in the safe range. */
export function bigintFromWire(wire: unknown): bigint | Invalid {
  if (typeof wire !== 'string') return Number.isSafeInteger(wire) ? BigInt(wire as number) : invalid
  const small = smallInteger(wire)
  if (small === small) return BigInt(small)
  return wire.length <= bigintDigitsMax && integerText.test(wire) ? BigInt(wire) : invalid
}

/** Up to 15 digits, without a sign: by far the most frequent, and faster through a number. */
function smallInteger(text: string): number {
  if (text.length > 15 || text.length === 0) return Number.NaN
  let value = 0
  for (let index = 0; index < text.length; index += 1) {
    const digit = text.charCodeAt(index) - 0x30
    if (digit < 0 || digit > 9) return Number.NaN
    value = value * 10 + digit
  }
  return value
}

/** An ISO 8601 instant with its offset; days that the month does not have are refused. */
export function dateFromWire(wire: unknown): Date | Invalid {
  if (typeof wire !== 'string') return invalid
  const time = parseInstant(wire)
  return Number.isNaN(time) ? otherInstant(wire) : new Date(time)
}

function otherInstant(wire: string): Date | Invalid {
  const parts = dateText.exec(wire)
  if (parts === null) return invalid
  const [, year, month, day] = parts.map(Number)
  const date = new Date(wire)
  const isReal = dayExists(year ?? 0, month ?? 0, day ?? 0) && !Number.isNaN(date.getTime())
  return isReal ? date : invalid
}

export function bytesFromWire(wire: unknown): Uint8Array | Invalid {
  if (typeof wire !== 'string' || wire.length % 4 !== 0 || !base64Text.test(wire)) return invalid
  // copied, because small buffers share a pool
  return new Uint8Array(Buffer.from(wire, 'base64'))
}

export function bytesToWire(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

/** A finite number in JSON's grammar, leading zeros allowed. */
export function numberFromText(text: unknown): number | Invalid {
  if (typeof text !== 'string' || !numberText.test(text)) return invalid
  const value = Number(text)
  return Number.isFinite(value) ? value : invalid
}

export function booleanFromText(text: unknown): boolean | Invalid {
  if (text === 'true') return true
  return text === 'false' ? false : invalid
}

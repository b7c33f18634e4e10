import { type Invalid, invalid } from './compiled-schema.ts'

/** Digits of a bigint on the wire; reading longer ones costs more than linear time. */
export const bigintDigitsMax = 1_000

const integerText = /^-?\d+$/
const numberText = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?$/
const dateText =
  /^(?:\d{4}|[+-]\d{6})-(\d{2})-(\d{2})T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/
const base64Text = /^[A-Za-z0-9+/]*={0,2}$/

/** A decimal string, or a JSON integer in the safe range. */
export function bigintFromWire(wire: unknown): bigint | Invalid {
  if (typeof wire === 'string') {
    return wire.length <= bigintDigitsMax && integerText.test(wire) ? BigInt(wire) : invalid
  }
  return Number.isSafeInteger(wire) ? BigInt(wire as number) : invalid
}

/** An ISO 8601 instant with its offset; days that the month does not have are refused. */
export function dateFromWire(wire: unknown): Date | Invalid {
  if (typeof wire !== 'string') return invalid
  const parts = dateText.exec(wire)
  if (parts === null) return invalid
  const date = new Date(wire)
  if (Number.isNaN(date.getTime())) return invalid
  return Number(parts[2]) <= 28 || dayExists(wire, Number(parts[1]), Number(parts[2]))
    ? date
    : invalid
}

function dayExists(wire: string, month: number, day: number): boolean {
  const year = Number(wire.slice(0, wire.indexOf('-', 1)))
  const last = new Date(0)
  last.setUTCFullYear(year, month, 0)
  return day <= last.getUTCDate()
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

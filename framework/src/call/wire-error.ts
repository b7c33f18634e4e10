import { BanyanError, type ErrorKind, errorKinds } from '../kernel/index.ts'
import { callOutputInvalid } from './errors.ts'
import { type FailureTable, withoutInternals } from './failures.ts'

/** An error as text for another process: `{"code","kind","message","fix","details"}`. Declared
 *  failures carry their details in the wire form of their schema, and `"isDeclared"` behind their kind:
 *  they are what a handler concluded, so the road takes them for an answer whatever their kind. */
export function encodeError(error: BanyanError, table: FailureTable): string {
  const { code, kind, message, fix, details } = withoutInternals(error)
  const failure = table.get(code)
  const body = failure === undefined ? encodePlain(details) : failure.details.encode(details)
  const mark = failure === undefined ? '' : '"isDeclared":true,'
  return `{"code":${JSON.stringify(code)},"kind":"${kind}",${mark}"message":${JSON.stringify(message)},"fix":${JSON.stringify(fix)},"details":${body}}`
}

/** The error that another process encoded; a text that is none becomes CALL_OUTPUT_INVALID. */
export function decodeError(text: string, operation: string, table: FailureTable): BanyanError {
  const wire = tryParse(text)
  if (wire === undefined) {
    const issues = [{ path: '', code: 'malformed', message: 'not an error of this protocol' }]
    return callOutputInvalid({ operation, issues })
  }
  const failure = table.get(wire.code)
  if (failure !== undefined) {
    const details = failure.details.decode(wire.details)
    if (details.ok) return failure.revive(details.value)
  }
  return new BanyanError(wire, wire, wire.details)
}

interface WireError {
  readonly code: string
  readonly kind: ErrorKind
  readonly message: string
  readonly fix: string
  readonly details: Readonly<Record<string, unknown>>
}

function tryParse(text: string): WireError | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isWireError(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isWireError(value: unknown): value is WireError {
  if (typeof value !== 'object' || value === null) return false
  const { code, kind, message, fix, details } = value as Partial<WireError>
  return (
    typeof code === 'string' &&
    /^[A-Z][A-Z0-9_]{2,120}$/.test(code) &&
    errorKinds.some((known) => known === kind) &&
    typeof message === 'string' &&
    typeof fix === 'string' &&
    typeof details === 'object' &&
    details !== null
  )
}

function encodePlain(details: unknown): string {
  return JSON.stringify(details, (_key, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  )
}

import type { IncomingCall, OutgoingCall } from '../../call/index.ts'
import { anonymous, type Criticality } from '../../kernel/index.ts'
import { readTrace, writeTrace } from '../../telemetry/index.ts'
import { wireTimeoutMs } from '../post-headers.ts'
import {
  closeCode,
  flagInParts,
  frameType,
  headBytes,
  headerCharsMax,
  ProtocolError,
} from './layout.ts'
import { NameTable } from './name-table.ts'
import { formatRoles, RoleTexts } from './role-texts.ts'
import type { Slab } from './slab.ts'
import { readText } from './text.ts'

/* A call frame, after length, type, flags and the index of the operation's name:
 *
 *      8  u32  id
 *     12  u32  milliseconds left
 *     16  16 B trace id
 *     32   8 B span id of the caller
 *     40  u16  index of the calling module's name; 0 for a caller from outside
 *     42  u16  bytes of subject · 44 u16 of roles · 46 u16 of key · 48 u16 of token
 *     50       these four texts, then the input (or with `flagInParts` the u32 length of it)
 */
const traceAt = 16
const callerAt = 40
const lengthsAt = 42
/** Bytes of a call frame before its texts. */
export const callTextsAt = 50

const flagAuthorized = 0x02
const flagSampled = 0x04
const criticalityShift = 3
const flagKey = 0x20
const flagToken = 0x40

const criticalities: readonly Criticality[] = ['critical', 'default', 'sheddable', 'background']

/** Bytes of a call frame before the input, whatever script its texts are in. */
export const callHeadBytesMax: number = callTextsAt + headerCharsMax * 3 + 4

/** Characters that the texts of a call's header have together. */
export function headerCharsOf({ principal, idempotencyKey, token }: OutgoingCall): number {
  let chars = principal.subject.length + (idempotencyKey?.length ?? 0) + (token?.length ?? 0)
  for (const role of principal.roles) chars += role.length + 6
  return chars
}

/** What a connection has to tell about a call besides the call itself. */
export interface CallNames {
  readonly id: number
  /** Indexes of names. */
  readonly operation: number
  readonly caller: number
}

/** Writes a call frame up to its input. Requires: room for `callHeadBytesMax`; the frame is ended
 *  by the caller. */
export function beginCall(slab: Slab, call: OutgoingCall, names: CallNames): void {
  const { trace, principal, idempotencyKey, token } = call
  const start = slab.used
  slab.begin(frameType.call, flagsOf(call), names.operation)
  slab.u32(names.id)
  slab.u32(wireTimeoutMs(call.remainingMs))
  writeTrace(trace, slab.bytes, start + traceAt)
  slab.used = start + callTextsAt
  slab.u16At(start + callerAt, names.caller)
  slab.texts(start + lengthsAt, [
    principal.subject,
    formatRoles(principal.roles),
    idempotencyKey ?? '',
    token ?? '',
  ])
}

function flagsOf(call: OutgoingCall): number {
  return (
    (call.isAuthorized ? flagAuthorized : 0) |
    (call.trace.isSampled ? flagSampled : 0) |
    (criticalities.indexOf(call.criticality) << criticalityShift) |
    (call.idempotencyKey === undefined ? 0 : flagKey) |
    (call.token === undefined ? 0 : flagToken)
  )
}

/** What a call frame says. */
export interface DecodedCall extends IncomingCall {
  readonly id: number
  /** One number for operation and caller: what a policy decides about. */
  readonly use: number
  /** Bytes of the input that come in parts; −1 when it is here. */
  readonly partedBytes: number
}

/** Reads the call frames of one connection. */
export class CallDecoder {
  readonly #names = new NameTable()
  readonly #roles = new RoleTexts()

  /** Takes a name frame. @throws ProtocolError */
  addName(bytes: Buffer, start: number, end: number): void {
    this.#names.add(readText(bytes, start + headBytes, end), bytes.readUInt16LE(start + 6))
  }

  /** Takes a call frame. @throws ProtocolError */
  read(bytes: Buffer, start: number, end: number): DecodedCall {
    if (end - start < callTextsAt) throw truncated()
    const flags = bytes.readUInt8(start + 5)
    const subjectAt = start + callTextsAt
    const rolesAt = subjectAt + bytes.readUInt16LE(start + lengthsAt)
    const keyAt = rolesAt + bytes.readUInt16LE(start + lengthsAt + 2)
    const tokenAt = keyAt + bytes.readUInt16LE(start + lengthsAt + 4)
    const inputAt = tokenAt + bytes.readUInt16LE(start + lengthsAt + 6)
    const isParted = (flags & flagInParts) !== 0
    if (inputAt > end || (isParted && end - inputAt !== 4)) throw truncated()
    const operationName = bytes.readUInt16LE(start + 6)
    const callerName = bytes.readUInt16LE(start + callerAt)
    const subject = readText(bytes, subjectAt, rolesAt)
    const roles = this.#roles.read(readText(bytes, rolesAt, keyAt))
    return {
      id: bytes.readUInt32LE(start + 8),
      use: operationName * 65_536 + callerName,
      operation: this.#names.get(operationName),
      callerModule: callerName === 0 ? undefined : this.#names.get(callerName),
      isAuthorized: (flags & flagAuthorized) !== 0,
      input: isParted ? '' : readText(bytes, inputAt, end),
      timeoutMs: bytes.readUInt32LE(start + 12),
      principal: keyAt === subjectAt ? anonymous : { subject, roles },
      trace: readTrace(bytes, start + traceAt, (flags & flagSampled) !== 0),
      idempotencyKey: (flags & flagKey) === 0 ? undefined : readText(bytes, keyAt, tokenAt),
      criticality: criticalities[(flags >> criticalityShift) & 3] ?? 'default',
      token: (flags & flagToken) === 0 ? undefined : readText(bytes, tokenAt, inputAt),
      partedBytes: isParted ? bytes.readUInt32LE(inputAt) : -1,
    }
  }
}

function truncated(): ProtocolError {
  return new ProtocolError(closeCode.protocol, 'a call frame is too short')
}

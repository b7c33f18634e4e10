import { closeCode, frameType, headBytes, ProtocolError, protocolVersion } from './layout.ts'
import type { Slab } from './slab.ts'
import { readText } from './text.ts'

/** What both ends say first. */
export interface Hello {
  readonly protocol: number
  readonly application: string
  readonly service: string
  /** Empty for a caller that does not say. */
  readonly instance: string
  /** Bounds of this end; the smaller of both ends' counts. */
  readonly inFlightMax: number
  readonly payloadBytesMax: number
}

/** Longest hello in bytes. */
export const helloBytesMax: number = 4 * 1024

export function writeHello(slab: Slab, hello: Omit<Hello, 'protocol'>): void {
  slab.begin(frameType.hello, 0, 0)
  slab.text(JSON.stringify({ protocol: protocolVersion, ...hello }))
  slab.end()
}

/** @throws ProtocolError */
export function readHello(bytes: Buffer, start: number, end: number): Hello {
  if (end - start > helloBytesMax) throw malformed()
  const value = tryParse(readText(bytes, start + headBytes, end))
  if (!isHello(value)) throw malformed()
  if (value.protocol !== protocolVersion) {
    throw new ProtocolError(closeCode.policy, `the peer speaks version ${value.protocol}`)
  }
  return value
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isHello(value: unknown): value is Hello {
  if (typeof value !== 'object' || value === null) return false
  const hello = value as Partial<Record<keyof Hello, unknown>>
  return (
    [hello.protocol, hello.inFlightMax, hello.payloadBytesMax].every(isCount) &&
    [hello.application, hello.service, hello.instance].every((text) => typeof text === 'string')
  )
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) > 0
}

function malformed(): ProtocolError {
  return new ProtocolError(closeCode.protocol, 'the hello is malformed')
}

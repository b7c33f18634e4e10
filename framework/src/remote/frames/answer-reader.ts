import type { LinkEvents } from '../port.ts'
import { closeCode, flagInParts, frameType, idFrameBytes, ProtocolError } from './layout.ts'
import { PartAssembly } from './part-assembly.ts'
import type { PendingCalls } from './pending-calls.ts'
import { readText } from './text.ts'

/** Reads what a callee answers and ends the calls. Answers that nobody waits for are dropped. */
export class AnswerReader {
  readonly #pending: PendingCalls
  readonly #events: LinkEvents
  readonly #assembly: PartAssembly<boolean>

  constructor(pending: PendingCalls, events: LinkEvents, payloadBytesMax: number) {
    this.#pending = pending
    this.#events = events
    this.#assembly = new PartAssembly(payloadBytesMax)
  }

  /** Takes an answer, a failure or a part of one.
   *  @returns the id of the call that it ended, or −1.
   *  @throws ProtocolError */
  read(bytes: Buffer, start: number, end: number): number {
    const type = bytes[start + 4]
    if (end - start < idFrameBytes) throw malformed('a short frame')
    if (type === frameType.part) return this.#readPart(bytes, start, end)
    if (type !== frameType.answer && type !== frameType.failure) throw malformed(`type ${type}`)
    const id = bytes.readUInt32LE(start + 8)
    if (this.#pending.get(id) === undefined) return -1
    const isFailure = type === frameType.failure
    if (((bytes[start + 5] ?? 0) & flagInParts) === 0) {
      return this.#settle(id, readText(bytes, start + idFrameBytes, end), isFailure)
    }
    if (end - start !== idFrameBytes + 4) throw malformed('a length of parts')
    this.#assembly.begin(id, bytes.readUInt32LE(start + idFrameBytes), isFailure)
    return -1
  }

  /** Drops what has come of an answer: its call was cancelled. */
  drop(id: number): void {
    this.#assembly.drop(id)
  }

  #readPart(bytes: Buffer, start: number, end: number): number {
    const id = bytes.readUInt32LE(start + 8)
    const whole = this.#assembly.add(id, { bytes, start, end })
    if (whole === undefined) return -1
    return this.#settle(id, readText(whole.bytes, 0, whole.bytes.length), whole.announced)
  }

  #settle(id: number, text: string, isFailure: boolean): number {
    const call = this.#pending.take(id)
    if (call === undefined) return -1
    if (isFailure) this.#events.failed(call, text)
    else this.#events.answered(call, text)
    return id
  }
}

function malformed(what: string): ProtocolError {
  return new ProtocolError(closeCode.protocol, `${what} that no callee sends`)
}

import { closeCode, idFrameBytes, partedMax, ProtocolError } from './layout.ts'

/** Puts together payloads that arrive in parts.
 *  Invariant: at most `partedMax` payloads of at most `payloadBytesMax` are held. */
export class PartAssembly<Announced> {
  readonly #bytesMax: number
  readonly #open = new Map<number, { announced: Announced; bytes: Buffer; used: number }>()

  constructor(payloadBytesMax: number) {
    this.#bytesMax = payloadBytesMax
  }

  /** A payload of `bytes` is about to come. @throws ProtocolError */
  begin(id: number, bytes: number, announced: Announced): void {
    if (bytes === 0 || bytes > this.#bytesMax) {
      throw new ProtocolError(closeCode.tooLarge, `a payload of ${bytes} bytes`)
    }
    if (this.#open.size >= partedMax) {
      throw new ProtocolError(closeCode.protocol, 'too many payloads in parts at once')
    }
    this.#open.set(id, { announced, bytes: Buffer.allocUnsafeSlow(bytes), used: 0 })
  }

  /** Takes a part; one of a payload that nobody waits for any more is dropped.
   *  @returns the payload when it is whole.
   *  @throws ProtocolError */
  add(
    id: number,
    frame: { readonly bytes: Buffer; readonly start: number; readonly end: number },
  ): { readonly announced: Announced; readonly bytes: Buffer } | undefined {
    const payload = this.#open.get(id)
    if (payload === undefined) return undefined
    const count = frame.end - frame.start - idFrameBytes
    if (count <= 0 || payload.used + count > payload.bytes.length) {
      throw new ProtocolError(closeCode.protocol, 'a part that does not fit its payload')
    }
    frame.bytes.copy(payload.bytes, payload.used, frame.start + idFrameBytes, frame.end)
    payload.used += count
    if (payload.used < payload.bytes.length) return undefined
    this.#open.delete(id)
    return payload
  }

  drop(id: number): void {
    this.#open.delete(id)
  }
}

import { isUtf8 } from 'node:buffer'
import { closeCode, ProtocolError } from './layout.ts'
import { opcode } from './web-socket-head.ts'

/** What arrives in a WebSocket. */
export interface WebSocketEvents {
  /** The next bytes of binary messages; they are the reader's again afterwards. */
  payload(bytes: Buffer, start: number, end: number): void
  ping(payload: Buffer): void
  /** @param code  Of the peer; 1005 when it gave none. Nothing is read after it. */
  closed(code: number, reason: string): void
}

const controlBytesMax = 125
/** No peer of ours writes longer ones; a proxy that joins messages stays far below. */
const messageBytesMax = 64 * 1024 * 1024
const codeless = 1005

/** Reads RFC 6455 frames out of the chunks of a stream, without copying payloads. Fragments of a
 *  message are passed on as they come.
 *  Invariant: between two calls of `push` it holds at most one head and one control payload. */
export class WebSocketReader {
  readonly #events: WebSocketEvents
  /** Peers that must mask are clients. */
  readonly #isMaskExpected: boolean
  readonly #head: Buffer = Buffer.alloc(14)
  #headUsed = 0
  #headNeeded = 2
  #opcode = -1
  #isFinal = true
  /** Whether a message has begun whose last fragment has not come. */
  #isInMessage = false
  #left = 0
  readonly #mask: Buffer = Buffer.alloc(4)
  #isMasked = false
  #maskAt = 0
  #control: Buffer = Buffer.alloc(0)
  #controlUsed = 0
  #isEnded = false

  constructor(events: WebSocketEvents, isMaskExpected: boolean) {
    this.#events = events
    this.#isMaskExpected = isMaskExpected
  }

  /** Reads nothing more. */
  end(): void {
    this.#isEnded = true
  }

  /** @throws ProtocolError */
  push(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length && !this.#isEnded) {
      at = this.#opcode < 0 ? this.#readHead(chunk, at) : this.#readPayload(chunk, at)
    }
  }

  #readHead(chunk: Buffer, from: number): number {
    let at = from
    while (at < chunk.length && this.#headUsed < this.#headNeeded) {
      this.#head[this.#headUsed++] = chunk[at++] ?? 0
      if (this.#headUsed === 2) this.#headNeeded = this.#headLength()
    }
    if (this.#headUsed === this.#headNeeded) this.#beginFrame()
    return at
  }

  /** Length of the head, as its first two bytes tell. */
  #headLength(): number {
    const first = this.#head[0] ?? 0
    const second = this.#head[1] ?? 0
    if ((first & 0x70) !== 0) throw broken('a reserved bit is set')
    if (((second & 0x80) !== 0) !== this.#isMaskExpected) {
      throw broken(this.#isMaskExpected ? 'a client did not mask' : 'a server masked')
    }
    const length = second & 0x7f
    const isControl = (first & 0x08) !== 0
    if (isControl && ((first & 0x80) === 0 || length > controlBytesMax)) {
      throw broken('a control frame is fragmented or too long')
    }
    return 2 + (length === 126 ? 2 : length === 127 ? 8 : 0) + (this.#isMaskExpected ? 4 : 0)
  }

  #beginFrame(): void {
    const first = this.#head[0] ?? 0
    this.#headUsed = 0
    this.#headNeeded = 2
    this.#opcode = first & 0x0f
    this.#isFinal = (first & 0x80) !== 0
    this.#left = this.#payloadLength()
    this.#isMasked = false
    this.#maskAt = 0
    if (this.#isMaskExpected) this.#readMask()
    this.#checkOpcode()
    if (this.#opcode >= opcode.close) {
      this.#control = Buffer.alloc(this.#left)
      this.#controlUsed = 0
    }
    if (this.#left === 0) this.#endFrame()
  }

  #payloadLength(): number {
    const length = (this.#head[1] ?? 0) & 0x7f
    if (length < 126) return length
    if (length === 126) {
      const exact = this.#head.readUInt16BE(2)
      if (exact < 126) throw broken('a length is not in its shortest form')
      return exact
    }
    const high = this.#head.readUInt32BE(2)
    const exact = this.#head.readUInt32BE(6)
    if (high === 0 && exact < 65_536) throw broken('a length is not in its shortest form')
    if (high !== 0 || exact > messageBytesMax) {
      throw new ProtocolError(closeCode.tooLarge, 'a WebSocket frame is longer than 64 MiB')
    }
    return exact
  }

  #readMask(): void {
    const end = 2 + this.#extendedBytes()
    this.#head.copy(this.#mask, 0, end, end + 4)
    this.#isMasked = this.#mask.readUInt32LE(0) !== 0
  }

  #extendedBytes(): number {
    const length = (this.#head[1] ?? 0) & 0x7f
    return length === 126 ? 2 : length === 127 ? 8 : 0
  }

  #checkOpcode(): void {
    if (this.#opcode === opcode.text) {
      throw new ProtocolError(closeCode.unsupported, 'a text message')
    }
    if (this.#opcode === opcode.binary && this.#isInMessage) {
      throw broken('a message begins inside another')
    }
    if (this.#opcode === opcode.continuation && !this.#isInMessage) {
      throw broken('a continuation of nothing')
    }
    if (
      this.#opcode > opcode.pong ||
      (this.#opcode > opcode.binary && this.#opcode < opcode.close)
    ) {
      throw broken(`the unknown opcode ${this.#opcode}`)
    }
  }

  #readPayload(chunk: Buffer, from: number): number {
    const end = Math.min(from + this.#left, chunk.length)
    if (this.#isMasked) this.#unmask(chunk, from, end)
    this.#left -= end - from
    if (this.#opcode < opcode.close) this.#events.payload(chunk, from, end)
    else this.#controlUsed += chunk.copy(this.#control, this.#controlUsed, from, end)
    if (this.#left === 0) this.#endFrame()
    return end
  }

  #unmask(chunk: Buffer, from: number, end: number): void {
    const mask = this.#mask
    let turn = this.#maskAt
    for (let at = from; at < end; at++) {
      chunk[at] = (chunk[at] ?? 0) ^ (mask[turn] ?? 0)
      turn = (turn + 1) & 3
    }
    this.#maskAt = turn
  }

  #endFrame(): void {
    const ended = this.#opcode
    this.#opcode = -1
    if (ended < opcode.close) this.#isInMessage = !this.#isFinal
    else if (ended === opcode.ping) this.#events.ping(this.#control)
    else if (ended === opcode.close) this.#endClose()
  }

  #endClose(): void {
    const payload = this.#control
    this.#isEnded = true
    if (payload.length === 0) return this.#events.closed(codeless, '')
    if (payload.length === 1) throw broken('a close code of one byte')
    const code = payload.readUInt16BE(0)
    if (!isCloseCode(code)) throw broken(`the close code ${code}`)
    const reason = payload.subarray(2)
    if (!isUtf8(reason))
      throw new ProtocolError(closeCode.invalidText, 'a close reason is not UTF-8')
    this.#events.closed(code, reason.toString())
  }
}

/** Those that may stand in a close frame. */
function isCloseCode(code: number): boolean {
  if (code >= 3000) return code < 5000
  return code >= 1000 && code <= 1014 && (code < 1004 || code > 1006)
}

function broken(cause: string): ProtocolError {
  return new ProtocolError(closeCode.protocol, cause)
}

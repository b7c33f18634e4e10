/** The protocol `banyan.frames.1`.
 *
 *  A connection begins as HTTP/1.1 `GET /rpc` with a WebSocket upgrade (RFC 6455). Afterwards the
 *  payloads of the binary messages are, in order, one stream of frames; where a message ends says
 *  nothing, so that proxies may cut and join messages. All numbers are little-endian.
 *
 *      0  u32  length of the frame, these four bytes included
 *      4  u8   type
 *      5  u8   flags
 *      6  u16  index of a name (call, name), else 0
 *      8  …    by type; calls and what belongs to them begin with u32 id
 *
 *  hello      both, first, once: JSON, see hello.ts
 *  name       caller: gives a name of an operation or module the next index, counted from 1
 *  call       caller: see call-frame.ts; the input follows, or parts of it
 *  cancel     caller: nobody waits for the answer of `id` any more; none may come
 *  answer     callee: the output follows, or parts of it
 *  failure    callee: the encoded error follows, or parts of it
 *  part       both: the next bytes of the payload of `id`; complete when all that were announced came
 *  goodbye    callee: no new calls, please. caller: no new calls will come
 *  ping pong  both: whoever hears nothing for a while asks; whoever does not answer is dead
 *
 *  An id is `generation << 16 | slot`; a slot is used again only after its call ended, with the
 *  next generation, so a late answer cannot meet another call. */
export const frameType = {
  hello: 1,
  name: 2,
  call: 3,
  cancel: 4,
  answer: 5,
  failure: 6,
  part: 7,
  goodbye: 8,
  ping: 9,
  pong: 10,
} as const

/** The WebSocket subprotocol; its number changes when old instances could not follow. */
export const protocolName = 'banyan.frames.1'
export const protocolVersion = 1
export const upgradePath = '/rpc'

/** Length, type, flags and name index. */
export const headBytes = 8
/** What precedes the payload of answer, failure, cancel and part. */
export const idFrameBytes = 12

/** Flag of call, answer and failure: instead of the payload stands the u32 length of what comes in parts. */
export const flagInParts = 0x01

/** Payload bytes of a part: what a small frame may have to wait for. */
export const partBytes: number = 64 * 1024
/** Payloads that are under way in parts at once, per direction; more wait for their turn. */
export const partedMax = 4

/** Longest text that is written as one frame, so that it fits a slab in any script. */
export const inlineCharsMax: number = 16 * 1024
/** Subject, roles, key and token of a call together. */
export const headerCharsMax: number = 4 * 1024
/** No frame is longer; who announces a longer one breaks the protocol. */
export const frameBytesMax: number = partBytes + 16 * 1024
/** Names of operations and modules per connection. */
export const namesMax: number = 8 * 1024

/** Why a connection is closed, as RFC 6455 §7.4.1 numbers it. */
export const closeCode = {
  normal: 1000,
  goingAway: 1001,
  protocol: 1002,
  unsupported: 1003,
  invalidText: 1007,
  policy: 1008,
  tooLarge: 1009,
  internal: 1011,
} as const

/** The peer broke the protocol; the connection ends with this code. */
export class ProtocolError extends Error {
  readonly closeCode: number

  constructor(code: number, cause: string) {
    super(cause)
    this.name = 'ProtocolError'
    this.closeCode = code
  }
}

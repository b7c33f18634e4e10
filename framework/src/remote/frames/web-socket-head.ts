import { headroomBytes } from './slab.ts'

/** RFC 6455 §5.2 opcodes. */
export const opcode = {
  continuation: 0,
  text: 1,
  binary: 2,
  close: 8,
  ping: 9,
  pong: 10,
} as const

const finalBit = 0x80
const maskBit = 0x80

/** Writes the head of a whole WebSocket message in front of its payload, which begins at
 *  `headroomBytes`.
 *  A client must mask, and does so with a key of zeros, which leaves the payload as it is: masks keep
 *  scripts in browsers from choosing the bytes that a proxy sees, and no script runs here.
 *  @returns where the head begins. */
export function writeMessageHead(
  bytes: Buffer,
  payloadBytes: number,
  message: { readonly opcode: number; readonly isMasked: boolean },
): number {
  const lengthBytes = payloadBytes < 126 ? 0 : payloadBytes < 65_536 ? 2 : 8
  const start = headroomBytes - 2 - lengthBytes - (message.isMasked ? 4 : 0)
  const mask = message.isMasked ? maskBit : 0
  bytes[start] = finalBit | message.opcode
  if (lengthBytes === 0) bytes[start + 1] = mask | payloadBytes
  else if (lengthBytes === 2) {
    bytes[start + 1] = mask | 126
    bytes.writeUInt16BE(payloadBytes, start + 2)
  } else {
    bytes[start + 1] = mask | 127
    bytes.writeUInt32BE(0, start + 2)
    bytes.writeUInt32BE(payloadBytes, start + 6)
  }
  if (message.isMasked) bytes.writeUInt32LE(0, headroomBytes - 4)
  return start
}

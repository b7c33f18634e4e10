import type { Trace } from '../kernel/index.ts'
import { hexOfWord } from './trace-words.ts'

/** Bytes of a trace id and a span id on the wire. */
export const traceBytes = 24

/** A trace that came from another process as bytes. Its texts are made when somebody asks for them:
 *  spans do not. */
export class ReceivedTrace implements Trace {
  readonly isSampled: boolean
  readonly trace0: number
  readonly trace1: number
  readonly trace2: number
  readonly trace3: number
  readonly span0: number
  readonly span1: number

  /** Reads 24 bytes. Requires: they are there. */
  constructor(bytes: Buffer, at: number, isSampled: boolean) {
    this.isSampled = isSampled
    this.trace0 = bytes.readInt32BE(at)
    this.trace1 = bytes.readInt32BE(at + 4)
    this.trace2 = bytes.readInt32BE(at + 8)
    this.trace3 = bytes.readInt32BE(at + 12)
    this.span0 = bytes.readInt32BE(at + 16)
    this.span1 = bytes.readInt32BE(at + 20)
  }

  get traceId(): string {
    return (
      hexOfWord(this.trace0) +
      hexOfWord(this.trace1) +
      hexOfWord(this.trace2) +
      hexOfWord(this.trace3)
    )
  }

  get spanId(): string {
    return hexOfWord(this.span0) + hexOfWord(this.span1)
  }
}

import type { Trace } from '../kernel/index.ts'
import { ReceivedTrace, traceBytes } from './received-trace.ts'
import { Span } from './tracer.ts'

/** Writes the ids of a trace as 24 bytes; what is no hex becomes zeros. A span is written without
 *  making texts of its ids. Requires: room for them. */
export function writeTrace(trace: Trace, bytes: Buffer, at: number): void {
  if (trace instanceof Span) return trace.writeIds(bytes, at)
  bytes.fill(0, at, at + traceBytes)
  bytes.write(trace.traceId, at, 16, 'hex')
  bytes.write(trace.spanId, at + 16, 8, 'hex')
}

/** Reads what `writeTrace` wrote. Requires: 24 bytes are there. */
export function readTrace(bytes: Buffer, at: number, isSampled: boolean): Trace {
  return new ReceivedTrace(bytes, at, isSampled)
}

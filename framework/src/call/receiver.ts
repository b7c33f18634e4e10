import type { Criticality, Principal, Trace } from '../kernel/index.ts'

/** A call that arrived from another instance, as a carrier read it. */
export interface IncomingCall {
  /** `inventory.reserve` */
  readonly operation: string
  /** The module that asks; undefined for a caller from outside, who is its principal. */
  readonly callerModule: string | undefined
  /** Whether access was already judged where the caller came in. */
  readonly isAuthorized: boolean
  /** The input as JSON, in the wire form of its schema. */
  readonly input: string
  /** What was left of the caller's deadline when it was sent. */
  readonly timeoutMs: number
  readonly principal: Principal
  readonly trace: Trace
  readonly idempotencyKey: string | undefined
  readonly criticality: Criticality
  readonly token: string | undefined
}

/** How a carrier hears of the end of a call that it delivered; exactly one of them, once. */
export interface ReplySink {
  /** The output as JSON in the wire form of its schema. */
  answered(output: string): void
  /** The error as `encodeError` writes it, and its kind. */
  failed(error: string, kind: string): void
}

/** A delivered call at work. */
export interface ReceivedCall {
  /** The caller has gone: its handler's signal fires. Idempotent. */
  cancel(): void
}

/** Port from the road between instances (room remote): runs what arrives. */
export interface Receiver {
  /** Runs a call. Never throws: refusals go to the sink, which may hear of them at once. */
  receive(call: IncomingCall, sink: ReplySink): ReceivedCall
}

import type { BanyanError, Criticality, Principal, Trace } from '../kernel/index.ts'

/** A call on its way to another instance, and how it hears of its end. One object per call: a carrier
 *  reads it at each attempt, for what is left of the deadline shrinks meanwhile.
 *  Invariant: it ends once; what arrives afterwards changes nothing. */
export interface OutgoingCall {
  /** `inventory.reserve` */
  readonly operation: string
  readonly module: string
  readonly isCommand: boolean
  /** The module that asks; undefined for a caller from outside, who is its principal. */
  readonly callerModule: string | undefined
  /** Whether access was already judged where the caller came in. */
  readonly isAuthorized: boolean
  /** The checked input as JSON, in the wire form of its schema. */
  readonly input: string
  /** Milliseconds left now; ≤ 0 when the deadline has passed. */
  readonly remainingMs: number
  /** The operation's own timeout: what an error names when no answer came. */
  readonly timeoutMs: number
  readonly principal: Principal
  /** The client span of this call. */
  readonly trace: Trace
  /** Always given for a command: that is what makes it legal to send one again. */
  readonly idempotencyKey: string | undefined
  readonly criticality: Criticality
  readonly token: string | undefined
  /** True once it ended: answered, failed, lost, cancelled or expired. */
  readonly isSettled: boolean
  /** For its sender alone, which finds there what it noted about the call; −1 at first. */
  senderSlot: number
  /** The output as JSON in the wire form of its schema. */
  answered(output: string): void
  /** An error that the callee ended with, as `encodeError` wrote it. */
  failed(error: string): void
  /** No answer will come, for a reason of the road: CALL_UNREACHABLE · CALL_OUTCOME_UNKNOWN … */
  lost(error: BanyanError): void
}

/** Port to the road between instances (room remote): takes calls to where their module is. */
export interface Sender {
  /** Takes a call on its way; it ends by `answered`, `failed` or `lost`. Never throws. */
  send(call: OutgoingCall): void
  /** The caller has given up: tell the callee, so that its signal fires. The call is settled. */
  cancel(call: OutgoingCall): void
}

import type { OperationKind } from '../contract/index.ts'

/** What a handler context must know of the work it serves: an operation, a schedule or a seed. */
export interface Work {
  /** `checkout.place`, `checkout.schedules.recover` */
  readonly id: string
  /** A query that overruns changed nothing; anything else may have. */
  readonly kind: OperationKind
  readonly timeoutMs: number
  /** The input as text, for the fingerprint of an idempotency key. */
  encodeInput(input: unknown): string
}

/** One request for work. */
export interface WorkRequest {
  readonly input: unknown
  /** The module that asks; undefined for a caller from outside, who is its principal. */
  readonly callerModule: string | undefined
  readonly idempotencyKey: string | undefined
  readonly timeoutMs: number
}

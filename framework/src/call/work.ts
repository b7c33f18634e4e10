import type { OperationKind } from '../contract/index.ts'
import type { CallOptions } from '../module/index.ts'
import type { HandlerContext } from './handler-context.ts'

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

/** Where a call from one module to another goes: here, or to a carrier. */
export interface CallTarget {
  readonly id: string
  callFrom(
    caller: HandlerContext,
    input: unknown,
    options: CallOptions | undefined,
  ): Promise<unknown>
}

import type { CallOptions } from '../module/index.ts'
import type { HandlerContext } from './handler-context.ts'

/** Where a call from one module to another goes: here, or to a carrier. */
export interface CallTarget {
  readonly id: string
  callFrom(
    caller: HandlerContext,
    input: unknown,
    options: CallOptions | undefined,
  ): Promise<unknown>
}

import type { Operation, Route } from '../contract/index.ts'
import type { CompiledSchema } from '../schema/index.ts'
import type { Context, Principal } from '../kernel/index.ts'

/** One operation, compiled at boot: what the edge and other modules call. */
export interface CompiledOperation {
  /** `inventory.stock` */
  readonly id: string
  readonly module: string
  readonly name: string
  readonly declared: Operation
  readonly route: Route | undefined
  readonly input: CompiledSchema
  readonly output: CompiledSchema
  readonly timeoutMs: number
  /** Checks the access rule for a caller from outside.
   *  @throws CALL_UNAUTHENTICATED · CALL_FORBIDDEN */
  authorize(principal: Principal): void
  /** Runs the operation for a caller from outside. Requires: `authorize` passed, and `input` is what
   *  `this.input` decoded. The answer is a checked copy, ready for `this.output.encode`.
   *  @throws the operation's declared failures, or a platform error */
  invoke(input: unknown, parent: Context): Promise<unknown>
}

import type { TableWriter } from 'banyan/data'
import type { CheckoutContext } from './context.ts'
import type { CheckoutRows } from './rows.ts'

/** Runs `work` in a transaction also when the command is repeated: a checkout that is taken up again
 *  wants the row as it is now, not as a key recorded it.
 *  Requires: `work` is conditional on the state of the row, so that doing it twice is harmless. */
export function transactionNow<Result>(
  ctx: CheckoutContext,
  work: (tx: TableWriter<CheckoutRows>) => Promise<Result>,
): Promise<Result> {
  return ctx.transaction(work, { recorded: false })
}

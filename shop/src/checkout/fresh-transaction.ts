import type { TableWriter } from 'banyan/data'
import type { CheckoutContext } from './context.ts'
import type { CheckoutRows } from './rows.ts'

/** Runs `work` in a transaction for certain. Under an idempotency key the platform answers a repeated
 *  transaction with what it recorded; a checkout that is taken up again wants the row as it is now.
 *  Each result carries the id of the attempt that made it, and those of earlier attempts are passed
 *  over. Requires: `work` is conditional on the state of the row, so that doing it twice is harmless.
 *  Cost: one statement per result that is passed over. */
export async function freshTransaction<Result>(
  ctx: CheckoutContext,
  work: (tx: TableWriter<CheckoutRows>) => Promise<Result>,
): Promise<Result> {
  const attempt = ctx.ids.next()
  for (;;) {
    const made = await ctx.transaction(async (tx) => ({ attempt, result: await work(tx) }))
    if (made.attempt === attempt) return made.result
  }
}

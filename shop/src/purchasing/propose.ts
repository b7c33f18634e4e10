import type { PurchasingContext } from './context.ts'
import { deliveredCountMax } from './contract.ts'
import { reorder } from './reorder-job.ts'

/** Proposes to order a product if it is low now, unless an order of it is open: the row and the saga that
 *  goes on with it come into being together, or not at all. The event says that it was low; how low it
 *  is, and whether still, is asked, as units may have come back.
 *  @throws INVENTORY_STOCK_MISSING */
export async function proposeIfLow(
  { sku }: { readonly sku: string },
  ctx: PurchasingContext,
): Promise<void> {
  const level = await ctx.call.inventory.reorderPoint({ sku })
  const count = countToOrder(level, ctx.config.targetFactor)
  if (count === 0) return
  await ctx.faultPoint('purchasing.propose.before')
  await ctx.transaction(async (tx) => {
    const proposed = await tx
      .insertInto('purchase_order')
      .values({
        ...{ id: ctx.ids.next(), sku, count, state: 'proposed' },
        proposed_at: new Date(ctx.clock.nowMs()),
        ...{ decided_at: null, decided_by: null, ordered_at: null },
        ...{ delivered_at: null, delivered_count: null },
      })
      // of purchase_order_open
      .onConflict((conflict) => conflict.doNothing())
      .returning('id')
      .executeTakeFirst()
    if (proposed !== undefined) tx.enqueue(reorder, { purchaseOrderId: proposed.id, sku })
  })
  await ctx.faultPoint('purchasing.propose.after')
}

/** Up to the target level, if the product is low; else 0. */
export function countToOrder(
  { available, reorderPoint }: { readonly available: number; readonly reorderPoint: number },
  targetFactor: number,
): number {
  if (available >= reorderPoint) return 0
  return Math.min(targetFactor * reorderPoint - available, deliveredCountMax)
}

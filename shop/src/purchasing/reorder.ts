import type { z } from 'zod'
import type { PurchasingContext } from './context.ts'
import { type PurchaseOrderState, purchasing } from './contract.ts'
import { expire, findDelivery, markOrdered, markReceived } from './order-state.ts'
import { proposeIfLow } from './propose.ts'
import type { reorder } from './reorder-job.ts'
import { supplierMail } from './supplier-mail.ts'

/** The saga of a purchase order: a clerk decides, the supplier is asked, the goods come and are booked.
 *  It may take months; between its steps it is a row that waits.
 *
 *  The row is the truth of what clerks did, and the events are how the saga hears of it. Wherever it gave
 *  up waiting it therefore looks at the row, so a decision and its time-out cannot both be right, and an
 *  event that is older than what is kept of events is not missed. */
export async function runReorder(
  { purchaseOrderId, sku }: z.output<typeof reorder.input>,
  ctx: PurchasingContext,
): Promise<void> {
  const state = await awaitDecision(ctx, purchaseOrderId)
  if (state !== 'approved') return
  await ctx.step('order', () => orderFromSupplier(ctx, purchaseOrderId))
  const count = await awaitDelivery(ctx, purchaseOrderId)
  await ctx.step('book', async () => {
    await ctx.faultPoint('purchasing.book.before')
    const idempotencyKey = `purchase-order:${purchaseOrderId}`
    await ctx.call.inventory.receive({ sku, count }, { idempotencyKey })
    await ctx.faultPoint('purchasing.book.after')
  })
  await ctx.step('close', async () => {
    await ctx.faultPoint('purchasing.close.before')
    await markReceived(ctx, purchaseOrderId)
    await ctx.faultPoint('purchasing.close.after')
  })
  // While this order was open, running low again proposed nothing; now it may be too little.
  await ctx.step('look again', () => proposeIfLow({ sku }, ctx))
}

async function awaitDecision(
  ctx: PurchasingContext,
  purchaseOrderId: string,
): Promise<PurchaseOrderState> {
  const decided = await ctx.waitFor('decision', purchasing.events.decided, {
    key: purchaseOrderId,
    timeoutMs: ctx.config.approvalMs,
  })
  return decided?.decision ?? ctx.step('expire', () => expire(ctx, purchaseOrderId))
}

/** Hands the order over, and then records that it was. A process that dies between the two leaves it to
 *  the next one, which sends the same mail under the same Message-ID.
 *  @throws MAIL_REFUSED (parks the saga: the address is wrong) · MAIL_UNAVAILABLE · MAIL_OUTCOME_UNKNOWN */
async function orderFromSupplier(ctx: PurchasingContext, purchaseOrderId: string): Promise<void> {
  const row = await ctx.transaction(
    (tx) =>
      tx
        .selectFrom('purchase_order')
        .select(['id', 'sku', 'count', 'state', 'proposed_at'])
        .where('id', '=', purchaseOrderId)
        .executeTakeFirstOrThrow(),
    { recorded: false },
  )
  if (row.state !== 'approved') return
  await ctx.faultPoint('purchasing.order.before')
  await ctx.mail.send(supplierMail(row, ctx.config))
  await ctx.faultPoint('purchasing.order.after')
  await markOrdered(ctx, purchaseOrderId)
}

/** The units that came. */
async function awaitDelivery(ctx: PurchasingContext, purchaseOrderId: string): Promise<number> {
  for (let round = 1; ; round++) {
    const delivered = await ctx.waitFor(`delivery ${round}`, purchasing.events.delivered, {
      key: purchaseOrderId,
      timeoutMs: ctx.config.overdueMs,
    })
    if (delivered !== undefined) return delivered.count
    const found = await ctx.step(`overdue ${round}`, async () => {
      const count = await findDelivery(ctx, purchaseOrderId)
      if (count === null) ctx.log.warn({ purchaseOrderId, round }, 'ordered goods are overdue')
      return count
    })
    if (found !== null) return found
  }
}

import type { TableWriter } from 'banyan/data'
import type { CommandContext, Outbox } from 'banyan/module'
import type { PurchasingContext } from './context.ts'
import { type Decision, type PurchaseOrderState, purchasing } from './contract.ts'
import type { PurchaseOrderRow, PurchasingRows } from './rows.ts'

type Tx = TableWriter<PurchasingRows> & Outbox
type Actor = Pick<CommandContext<unknown, readonly [], unknown>, 'clock' | 'principal'>

/** Notes what a clerk says to a proposal, and tells its saga. Said again, it changes nothing.
 *  @throws PURCHASING_PURCHASE_ORDER_MISSING · PURCHASING_TRANSITION_REFUSED */
export async function decide(
  tx: Tx,
  { clock, principal }: Actor,
  { purchaseOrderId, decision }: { purchaseOrderId: string; decision: Decision },
): Promise<PurchaseOrderRow> {
  const moved = await tx
    .updateTable('purchase_order')
    .set({
      state: decision,
      decided_at: new Date(clock.nowMs()),
      decided_by: principal.subject,
    })
    .where('id', '=', purchaseOrderId)
    .where('state', '=', 'proposed')
    .returningAll()
    .executeTakeFirst()
  if (moved !== undefined) {
    tx.publish(purchasing.events.decided, { purchaseOrderId, decision })
    return moved
  }
  const found = await findInTransaction(tx, purchaseOrderId)
  if (found.state === decision) return found
  throw purchasing.failures.transitionRefused({ purchaseOrderId, from: found.state, to: decision })
}

/** Notes what was delivered, and tells the saga, which books it. Noted again with the same count, it changes
 *  nothing.
 *  @throws PURCHASING_PURCHASE_ORDER_MISSING · PURCHASING_TRANSITION_REFUSED */
export async function deliver(
  tx: Tx,
  { clock }: Actor,
  { purchaseOrderId, count }: { purchaseOrderId: string; count: number },
): Promise<PurchaseOrderRow> {
  const noted = await tx
    .updateTable('purchase_order')
    .set({ delivered_at: new Date(clock.nowMs()), delivered_count: count })
    .where('id', '=', purchaseOrderId)
    .where('state', '=', 'ordered')
    .where('delivered_at', 'is', null)
    .returningAll()
    .executeTakeFirst()
  if (noted !== undefined) {
    tx.publish(purchasing.events.delivered, { purchaseOrderId, count })
    return noted
  }
  const found = await findInTransaction(tx, purchaseOrderId)
  if (found.delivered_count === count) return found
  const from = found.delivered_count === null ? found.state : `received (${found.delivered_count})`
  throw purchasing.failures.transitionRefused({ purchaseOrderId, from, to: `received (${count})` })
}

/** Ends a proposal that nobody decided on.
 *  @returns the state that stands: a clerk may have decided in the last moment */
export function expire(
  ctx: PurchasingContext,
  purchaseOrderId: string,
): Promise<PurchaseOrderState> {
  return ctx.transaction(async (tx) => {
    await tx
      .updateTable('purchase_order')
      .set({ state: 'expired' })
      .where('id', '=', purchaseOrderId)
      .where('state', '=', 'proposed')
      .execute()
    return (await findInTransaction(tx, purchaseOrderId)).state
  })
}

/** The supplier has the order. */
export async function markOrdered(ctx: PurchasingContext, purchaseOrderId: string): Promise<void> {
  const orderedAt = new Date(ctx.clock.nowMs())
  await ctx.transaction(async (tx) => {
    await tx
      .updateTable('purchase_order')
      .set({ state: 'ordered', ordered_at: orderedAt })
      .where('id', '=', purchaseOrderId)
      .where('state', '=', 'approved')
      .execute()
  })
}

/** The goods are in the stock. */
export async function markReceived(ctx: PurchasingContext, purchaseOrderId: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    await tx
      .updateTable('purchase_order')
      .set({ state: 'received' })
      .where('id', '=', purchaseOrderId)
      .where('state', '=', 'ordered')
      .execute()
  })
}

/** The units that a clerk has counted, or null. */
export function findDelivery(
  ctx: PurchasingContext,
  purchaseOrderId: string,
): Promise<number | null> {
  return ctx.transaction(
    async (tx) => (await findInTransaction(tx, purchaseOrderId)).delivered_count,
    // as it is now, also when this look is repeated
    { recorded: false },
  )
}

async function findInTransaction(tx: Tx, purchaseOrderId: string): Promise<PurchaseOrderRow> {
  const found = await tx
    .selectFrom('purchase_order')
    .selectAll()
    .where('id', '=', purchaseOrderId)
    .executeTakeFirst()
  if (found === undefined) throw purchasing.failures.purchaseOrderMissing({ purchaseOrderId })
  return found
}

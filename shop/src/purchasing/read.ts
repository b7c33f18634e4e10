import type { TableReader } from 'banyan/data'
import { type PurchaseOrder, type PurchaseOrderState, purchasing } from './contract.ts'
import type { PurchaseOrderRow, PurchasingRows } from './rows.ts'

interface Page {
  readonly state?: PurchaseOrderState | undefined
  readonly before?: string | undefined
  readonly pageSize: number
}

/** A page of purchase orders, newest first: ids sort by time.
 *  Plan: purchase_order_of_state, or the primary key without a state. */
export async function listPurchaseOrders(
  db: TableReader<PurchasingRows>,
  { state, before, pageSize }: Page,
): Promise<{ purchaseOrders: PurchaseOrder[]; isLastPage: boolean }> {
  let query = db
    .selectFrom('purchase_order')
    .selectAll()
    .orderBy('id', 'desc')
    .limit(pageSize + 1)
  if (state !== undefined) query = query.where('state', '=', state)
  if (before !== undefined) query = query.where('id', '<', before)
  const rows = await query.execute()
  return {
    purchaseOrders: rows.slice(0, pageSize).map(toPurchaseOrder),
    isLastPage: rows.length <= pageSize,
  }
}

/** @throws PURCHASING_PURCHASE_ORDER_MISSING */
export async function findPurchaseOrder(
  db: TableReader<PurchasingRows>,
  purchaseOrderId: string,
): Promise<PurchaseOrder> {
  const found = await db
    .selectFrom('purchase_order')
    .selectAll()
    .where('id', '=', purchaseOrderId)
    .executeTakeFirst()
  if (found === undefined) throw purchasing.failures.purchaseOrderMissing({ purchaseOrderId })
  return toPurchaseOrder(found)
}

/** A row as clerks read it. */
export function toPurchaseOrder(row: PurchaseOrderRow): PurchaseOrder {
  const { id, sku, count, state, decided_at, decided_by, ordered_at } = row
  return {
    ...{ purchaseOrderId: id, sku, count, state, proposedAt: row.proposed_at },
    ...(decided_at !== null && { decidedAt: decided_at }),
    ...(decided_by !== null && { decidedBy: decided_by }),
    ...(ordered_at !== null && { orderedAt: ordered_at }),
    ...(row.delivered_at !== null && { deliveredAt: row.delivered_at }),
    ...(row.delivered_count !== null && { deliveredCount: row.delivered_count }),
  }
}

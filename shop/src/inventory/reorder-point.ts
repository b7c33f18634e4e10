import type { TableReader, TableWriter } from 'banyan/data'
import type { Outbox } from 'banyan/module'
import { inventory } from './contract.ts'
import type { InventoryRows } from './rows.ts'

/** What decides whether a product is low. */
export interface ReorderLevel {
  readonly available: number
  readonly reorder_point: number
}

type Tx = TableWriter<InventoryRows> & Outbox

/** How many units there are, and below how many the product is low.
 *  @throws INVENTORY_STOCK_MISSING */
export async function findReorderLevel(
  db: TableReader<InventoryRows>,
  sku: string,
): Promise<ReorderLevel> {
  const found = await db
    .selectFrom('stock')
    .select(['available', 'reorder_point'])
    .where('sku', '=', sku)
    .executeTakeFirst()
  if (found === undefined) throw inventory.failures.stockMissing({ sku })
  return found
}

/** Sets below how many units a product is low. @throws INVENTORY_STOCK_MISSING */
export async function setReorderPoint(
  tx: Tx,
  sku: string,
  reorderPoint: number,
): Promise<ReorderLevel> {
  const before = await tx
    .selectFrom('stock')
    .select(['available', 'reorder_point'])
    .where('sku', '=', sku)
    .forUpdate()
    .executeTakeFirst()
  if (before === undefined) throw inventory.failures.stockMissing({ sku })
  const after = { ...before, reorder_point: reorderPoint }
  await tx
    .updateTable('stock')
    .set({ reorder_point: reorderPoint })
    .where('sku', '=', sku)
    .execute()
  publishCrossing(tx, sku, { before, after })
  return after
}

/** Says that a product ran low, if it was not low before.
 *  Requires: the row is locked, so that of several sales at once one has crossed the point. */
export function publishCrossing(
  tx: Outbox,
  sku: string,
  { before, after }: { readonly before: ReorderLevel; readonly after: ReorderLevel },
): void {
  if (isLow(before) || !isLow(after)) return
  const { available, reorder_point: reorderPoint } = after
  tx.publish(inventory.events.ranLow, { sku, available, reorderPoint })
}

function isLow({ available, reorder_point }: ReorderLevel): boolean {
  return available < reorder_point
}

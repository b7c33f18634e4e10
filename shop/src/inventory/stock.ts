import type { TableReader, TableWriter } from 'banyan/data'
import { sql } from 'kysely'
import { inventory } from './contract.ts'
import { type Line, type Moment, recordMovements } from './movement.ts'
import type { InventoryRows, StockRow } from './rows.ts'

/** The levels of one product, by primary key. @throws INVENTORY_STOCK_MISSING */
export async function findStock(
  db: Pick<TableReader<InventoryRows>, 'selectFrom'>,
  sku: string,
): Promise<Omit<StockRow, 'reorder_point'>> {
  const row = await db
    .selectFrom('stock')
    .select(['sku', 'received', 'available', 'held', 'sold'])
    .where('sku', '=', sku)
    .executeTakeFirst()
  if (row === undefined) throw inventory.failures.stockMissing({ sku })
  return row
}

/** Books delivered units, for one or many products in one statement each for levels and movements. */
export async function receiveStock(
  tx: TableWriter<InventoryRows>,
  moment: Moment,
  lines: readonly Line[],
): Promise<void> {
  await tx
    .insertInto('stock')
    .values(
      lines.map(({ sku, count }) => ({
        ...{ sku, received: count, available: count, held: 0, sold: 0 },
        reorder_point: 0,
      })),
    )
    .onConflict((conflict) =>
      conflict.column('sku').doUpdateSet({
        received: sql<number>`stock.received + excluded.received`,
        available: sql<number>`stock.available + excluded.available`,
      }),
    )
    .execute()
  const receipts = lines.map((line) => ({ ...line, reservation_id: null }))
  await recordMovements(tx, moment, 'received', receipts)
}

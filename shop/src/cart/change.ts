import type { TableWriter } from 'banyan/data'
import { sql } from 'kysely'
import { type CartContents, cart } from './contract.ts'
import { findContents } from './contents.ts'
import type { CartRows } from './rows.ts'

/** Most products in one cart. */
export const linesMax = 50
/** Most units of one product in one cart; the row's CHECK holds it too. */
export const unitsMax = 99

export interface LineChange {
  readonly cartId: string
  readonly customerId: string
  readonly sku: string
}

/** Adds units to a line, or a line. @throws CART_CART_FULL and what `lockOpenCart` throws */
export async function addLine(
  tx: TableWriter<CartRows>,
  change: LineChange & { readonly count: number },
): Promise<CartContents> {
  const { cartId, sku, count } = change
  await lockOpenCart(tx, change)
  const added = await tx
    .insertInto('cart_line')
    .values({ cart_id: cartId, sku, count })
    .onConflict((conflict) =>
      conflict
        .columns(['cart_id', 'sku'])
        .doUpdateSet({ count: sql<number>`cart_line.count + excluded.count` })
        .where('cart_line.count', '<=', unitsMax - count),
    )
    .returning('count')
    .executeTakeFirst()
  if (added === undefined) throw cart.failures.cartFull({ limit: `units of ${sku}`, max: unitsMax })
  const contents = await findContents(tx, cartId)
  if (contents.lines.length > linesMax) {
    throw cart.failures.cartFull({ limit: 'products', max: linesMax })
  }
  return contents
}

/** Sets the units of a line. @throws CART_LINE_MISSING and what `lockOpenCart` throws */
export async function setLine(
  tx: TableWriter<CartRows>,
  change: LineChange & { readonly count: number },
): Promise<CartContents> {
  const { cartId, sku, count } = change
  await lockOpenCart(tx, change)
  const altered = await tx
    .updateTable('cart_line')
    .set({ count })
    .where('cart_id', '=', cartId)
    .where('sku', '=', sku)
    .returning('sku')
    .executeTakeFirst()
  if (altered === undefined) throw cart.failures.lineMissing({ sku })
  return findContents(tx, cartId)
}

/** Removes a line if it is there. @throws what `lockOpenCart` throws */
export async function removeLine(
  tx: TableWriter<CartRows>,
  change: LineChange,
): Promise<CartContents> {
  const { cartId, sku } = change
  await lockOpenCart(tx, change)
  await tx.deleteFrom('cart_line').where('cart_id', '=', cartId).where('sku', '=', sku).execute()
  return findContents(tx, cartId)
}

/** Changes of one cart wait for each other, so that its bounds hold.
 *  @throws CART_CART_MISSING · CART_CART_CLOSED */
async function lockOpenCart(
  tx: TableWriter<CartRows>,
  { cartId, customerId }: LineChange,
): Promise<void> {
  const found = await tx
    .selectFrom('cart')
    .select('state')
    .where('id', '=', cartId)
    .where('customer_id', '=', customerId)
    .forUpdate()
    .executeTakeFirst()
  if (found === undefined) throw cart.failures.cartMissing({ cartId })
  if (found.state === 'closed') throw cart.failures.cartClosed({ cartId })
}

import type { TableReader } from 'banyan/data'
import { type CartContents, cart } from './contract.ts'
import type { CartRows } from './rows.ts'

/** A cart with its lines (one statement, by primary keys) in the order of their skus; with `customerId`, only if it is theirs.
 *  @throws CART_CART_MISSING */
export async function findContents(
  db: Pick<TableReader<CartRows>, 'selectFrom'>,
  cartId: string,
  customerId?: string,
): Promise<CartContents> {
  const rows = await db
    .selectFrom('cart')
    .leftJoin('cart_line', 'cart_line.cart_id', 'cart.id')
    .select(['cart.customer_id', 'cart.state', 'cart_line.sku', 'cart_line.count'])
    .where('cart.id', '=', cartId)
    .orderBy('cart_line.sku')
    .execute()
  const [found] = rows
  if (found === undefined || (customerId !== undefined && found.customer_id !== customerId)) {
    throw cart.failures.cartMissing({ cartId })
  }
  const lines = rows.flatMap(({ sku, count }) =>
    sku === null || count === null ? [] : [{ sku, count }],
  )
  return { cartId, customerId: found.customer_id, isOpen: found.state === 'open', lines }
}

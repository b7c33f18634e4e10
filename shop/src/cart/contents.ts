import type { TableReader } from 'banyan/data'
import { type CartContents, cart } from './contract.ts'
import type { CartRows } from './rows.ts'

/** A cart with its lines in the order of their skus; with `customerId`, only if it is theirs.
 *  @throws CART_CART_MISSING */
export async function findContents(
  db: Pick<TableReader<CartRows>, 'selectFrom'>,
  cartId: string,
  customerId?: string,
): Promise<CartContents> {
  const [found, lines] = await Promise.all([
    db
      .selectFrom('cart')
      .select(['customer_id', 'state'])
      .where('id', '=', cartId)
      .executeTakeFirst(),
    db
      .selectFrom('cart_line')
      .select(['sku', 'count'])
      .where('cart_id', '=', cartId)
      .orderBy('sku')
      .execute(),
  ])
  if (found === undefined || (customerId !== undefined && found.customer_id !== customerId)) {
    throw cart.failures.cartMissing({ cartId })
  }
  return { cartId, customerId: found.customer_id, isOpen: found.state === 'open', lines }
}

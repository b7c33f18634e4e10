import { cart } from '../cart/contract.ts'
import { catalog } from '../catalog/contract.ts'
import { canSum, type Money, multiplyMoney, sumMoney } from '../money/index.ts'
import type { CheckoutContext } from './context.ts'
import type { Refusal } from './refusal.ts'
import type { StoredLine } from './rows.ts'

/** A cart with the prices of this moment. */
export interface PricedCart {
  readonly lines: readonly StoredLine[]
  readonly total: Money
}

/** Prices a cart of the caller. That it cannot be bought is a value, not an error: a checkout that is
 *  repeated under its key does not care about the cart any more. */
export async function priceCart(
  ctx: CheckoutContext,
  cartId: string,
): Promise<PricedCart | Refusal> {
  try {
    const contents = await ctx.call.cart.contents({ cartId })
    if (contents.customerId !== ctx.principal.subject) {
      return { name: 'cartMissing', details: { cartId } }
    }
    const { lines } = contents
    if (lines.length === 0) return { name: 'cartEmpty', details: { cartId } }
    const { prices } = await ctx.call.catalog.prices({ skus: lines.map(({ sku }) => sku) })
    const priced = prices.map((price, index) => ({ ...price, count: lines[index]?.count ?? 0 }))
    const subtotals = priced.map(({ price, count }) => multiplyMoney(price, count))
    if (!canSum(subtotals)) return { name: 'currenciesMixed', details: { cartId } }
    return {
      lines: priced.map(({ sku, name, count, price }) => ({
        sku,
        name,
        count,
        unitMinor: String(price.amountMinor),
      })),
      total: sumMoney(subtotals, subtotals[0]?.currency ?? 'EUR'),
    }
  } catch (error) {
    if (cart.failures.cartMissing.is(error)) return { name: 'cartMissing', details: { cartId } }
    if (catalog.failures.productMissing.is(error)) {
      return { name: 'productMissing', details: { sku: error.details.sku } }
    }
    throw error
  }
}

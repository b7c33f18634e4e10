import { z } from 'zod'
import { checkout } from './contract.ts'

const skuDetails = z.object({ sku: z.string() })
const cartDetails = z.object({ cartId: z.string() })

/** Why a checkout was refused, as it is kept in the row: the same answer can be given again. */
export const refusalSchema = z.discriminatedUnion('name', [
  z.object({ name: z.literal('cartEmpty'), details: cartDetails }),
  z.object({ name: z.literal('cartMissing'), details: cartDetails }),
  z.object({ name: z.literal('currenciesMixed'), details: cartDetails }),
  z.object({ name: z.literal('productMissing'), details: skuDetails }),
  z.object({
    name: z.literal('soldOut'),
    details: skuDetails.extend({ requested: z.int(), available: z.int() }),
  }),
  z.object({ name: z.literal('holdLost'), details: z.object({ checkoutId: z.string() }) }),
  z.object({ name: z.literal('paymentDeclined'), details: z.object({ reason: z.string() }) }),
])
export type Refusal = z.output<typeof refusalSchema>

/** The declared failure that a refusal stands for. */
export function failureOf(refusal: Refusal): Error {
  const { failures } = checkout
  switch (refusal.name) {
    case 'cartEmpty':
      return failures.cartEmpty(refusal.details)
    case 'cartMissing':
      return failures.cartMissing(refusal.details)
    case 'currenciesMixed':
      return failures.currenciesMixed(refusal.details)
    case 'productMissing':
      return failures.productMissing(refusal.details)
    case 'soldOut':
      return failures.soldOut(refusal.details)
    case 'holdLost':
      return failures.holdLost(refusal.details)
    case 'paymentDeclined':
      return failures.paymentDeclined(refusal.details)
  }
}

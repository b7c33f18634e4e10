import { command, contract, failure, query } from 'banyan/contract'
import { z } from 'zod'
import { moneySchema } from '../money/index.ts'
import { addressSchema } from '../orders/contract.ts'
import { instrumentSchema } from '../payments/contract.ts'

/** Where a drill may kill the process. */
export { checkoutFaultPoints } from './fault-points.ts'

const outcomeSchema = z.object({
  checkoutId: z.uuid(),
  orderId: z.uuid(),
  /** `pending`: some step has not answered; the shop goes on by itself, and this request or
   *  `GET /checkouts/{checkoutId}` tells what became of it. */
  status: z.enum(['placed', 'pending']),
  total: moneySchema,
})
export type CheckoutOutcome = z.output<typeof outcomeSchema>

const cartDetails = z.object({ cartId: z.string() })

/** Turns a cart into a paid order, or into nothing at all. */
export const checkout = contract('checkout', {
  failures: {
    cartEmpty: failure(
      'conflict',
      cartDetails,
      ({ cartId }) => `cart ${cartId} holds nothing to buy`,
    ),
    cartMissing: failure('not_found', cartDetails, ({ cartId }) => `you have no cart ${cartId}`),
    currenciesMixed: failure(
      'conflict',
      cartDetails,
      ({ cartId }) => `cart ${cartId} holds prices of several currencies`,
    ),
    cartInCheckout: failure(
      'conflict',
      cartDetails.extend({ checkoutId: z.string() }),
      ({ cartId, checkoutId }) => `cart ${cartId} is bought by checkout ${checkoutId}`,
    ),
    productMissing: failure(
      'conflict',
      z.object({ sku: z.string() }),
      ({ sku }) => `${sku} is not for sale any more`,
    ),
    soldOut: failure(
      'conflict',
      z.object({ sku: z.string(), requested: z.int(), available: z.int() }),
      ({ sku, requested, available }) => `${sku}: ${requested} wanted, ${available} left`,
    ),
    holdLost: failure(
      'conflict',
      z.object({ checkoutId: z.string() }),
      () => 'the payment took longer than the goods could be held; nothing was charged',
    ),
    paymentDeclined: failure(
      'conflict',
      z.object({ reason: z.string() }),
      ({ reason }) => `the payment was declined: ${reason}`,
    ),
    checkoutMissing: failure(
      'not_found',
      z.object({ checkoutId: z.string() }),
      ({ checkoutId }) => `you have no checkout ${checkoutId}`,
    ),
  },
  operations: {
    submit: command({
      summary: 'Buys a cart: prices, reserves, charges and places the order, or undoes all of it.',
      input: z.object({
        cartId: z.uuid(),
        payment: z.object({ instrument: instrumentSchema }),
        shippingAddress: addressSchema,
      }),
      output: outcomeSchema,
      http: 'POST /checkouts',
      status: 201,
      access: ['customer'],
      failures: [
        'cartEmpty',
        'cartMissing',
        'currenciesMixed',
        'cartInCheckout',
        'productMissing',
        'soldOut',
        'holdLost',
        'paymentDeclined',
      ],
      idempotency: 'required',
      timeout: '15s',
      criticality: 'critical',
    }),
    status: query({
      summary: 'Reads what became of a checkout of the caller.',
      input: z.object({ checkoutId: z.uuid() }),
      output: outcomeSchema.extend({
        status: z.enum(['placed', 'pending', 'refused']),
        /** Why it was refused, for people. */
        reason: z.string().optional(),
      }),
      http: 'GET /checkouts/{checkoutId}',
      access: ['customer'],
      failures: ['checkoutMissing'],
    }),
  },
})

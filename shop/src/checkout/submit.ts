import type { Address } from '../orders/contract.ts'
import type { CheckoutContext } from './context.ts'
import type { CheckoutOutcome } from './contract.ts'
import { driveCheckout, leaseEnd, reach } from './drive.ts'
import { transactionNow } from './transaction-now.ts'
import { type PricedCart, priceCart } from './price.ts'
import { openCheckout, takeCheckout } from './record.ts'
import { failureOf, type Refusal } from './refusal.ts'
import type { Checkout } from './rows.ts'

export interface SubmitInput {
  readonly cartId: string
  readonly payment: { readonly instrument: string }
  readonly shippingAddress: Address
}

/** Opens a checkout and drives it. Repeated under its key, it finds the checkout that was opened and
 *  drives that from wherever it stands, so the answer is always that of one and the same sale. */
export async function submitCheckout(
  ctx: CheckoutContext,
  input: SubmitInput,
): Promise<CheckoutOutcome> {
  const priced = await priceCart(ctx, input.cartId)
  await reach(ctx, 'checkout.open.before')
  const attempt = ctx.ids.next()
  const opened = await ctx.transaction(async (tx) => {
    if ('name' in priced) throw failureOf(priced)
    return { attempt, checkout: await openCheckout(tx, newCheckout(ctx, input, priced)) }
  })
  const { id } = opened.checkout
  const isRepetition = opened.attempt !== attempt
  const checkout = isRepetition
    ? await transactionNow(ctx, (tx) => takeCheckout(tx, id, leaseEnd(ctx)))
    : opened.checkout
  const driven = await driveCheckout(ctx, checkout)
  if (driven.state === 'refused') throw failureOf(refusalOf(driven))
  return outcomeOf(driven)
}

/** A checkout that was not refused, as the contract shows it. */
export function outcomeOf(checkout: Checkout): CheckoutOutcome {
  const { id, order_id, state, total_minor, currency } = checkout
  return {
    checkoutId: id,
    orderId: order_id,
    status: state === 'completed' ? 'placed' : 'pending',
    total: { amountMinor: total_minor, currency },
  }
}

/** Why a checkout was refused; the row's CHECK says that it is there. */
export function refusalOf({ id, refusal }: Checkout): Refusal {
  return refusal ?? { name: 'holdLost', details: { checkoutId: id } }
}

function newCheckout(
  ctx: CheckoutContext,
  input: SubmitInput,
  { lines, total }: PricedCart,
): Parameters<typeof openCheckout>[1] {
  return {
    id: ctx.ids.next(),
    cart_id: input.cartId,
    customer_id: ctx.principal.subject,
    order_id: ctx.ids.next(),
    payment_id: ctx.ids.next(),
    reservation_id: ctx.ids.next(),
    instrument: input.payment.instrument,
    shipping_address: input.shippingAddress,
    lines,
    total_minor: total.amountMinor,
    currency: total.currency,
    due_at: leaseEnd(ctx),
    created_at: new Date(ctx.clock.nowMs()),
  }
}

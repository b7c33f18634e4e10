import { inventory } from '../inventory/contract.ts'
import { type Money, negateMoney } from '../money/index.ts'
import { payments } from '../payments/contract.ts'
import type { CheckoutContext } from './context.ts'
import type { StepName } from './fault-points.ts'
import type { Advance } from './record.ts'
import type { Checkout } from './rows.ts'
import type { OngoingState } from './state.ts'

/** One step: an effect in another module, under a key of this checkout, so that it happens once however
 *  often the step is taken, and by whomever. */
export interface Step {
  readonly name: StepName
  readonly run: (ctx: CheckoutContext, checkout: Checkout) => Promise<Advance>
}

/** The step that leaves each state.
 *
 *  Forward, the goods are sold before the money is taken: a hold that was lost while the provider was
 *  silent is found out while nothing has been charged. A capture that is refused for good undoes the
 *  order, the authorisation and the sale. After the capture there is only forward. */
export const steps: Readonly<Record<OngoingState, Step>> = {
  priced: { name: 'reserve', run: reserve },
  reserved: { name: 'authorise', run: authorise },
  authorised: { name: 'confirm', run: confirm },
  confirmed: { name: 'place', run: place },
  placed: { name: 'capture', run: capture },
  captured: { name: 'markPaid', run: markPaid },
  paid: { name: 'post', run: post },
  posted: { name: 'closeCart', run: closeCart },
  abandoning: { name: 'abandon', run: abandon },
  voiding: { name: 'void', run: voidPayment },
  releasing: { name: 'release', run: release },
}

/** Time that is kept back for putting the checkout off when a step does not answer. */
const deferralMs = 1_000

async function reserve(ctx: CheckoutContext, checkout: Checkout): Promise<Advance> {
  const { reservation_id: reservationId } = checkout
  const lines = checkout.lines.map(({ sku, count }) => ({ sku, count }))
  const { holdMs } = ctx.config
  try {
    await ctx.call.inventory.reserve({ reservationId, lines, holdMs }, once(checkout, 'reserve'))
    return { to: 'reserved' }
  } catch (error) {
    const to = checkout.drivers === 1 ? 'refused' : 'releasing'
    if (inventory.failures.soldOut.is(error)) {
      const { sku, requested, available } = error.details
      return { to, refusal: { name: 'soldOut', details: { sku, requested, available } } }
    }
    if (inventory.failures.stockMissing.is(error)) {
      return { to, refusal: { name: 'productMissing', details: { sku: error.details.sku } } }
    }
    if (inventory.failures.reservationClosed.is(error)) return holdLost(checkout, 'releasing')
    throw error
  }
}

async function authorise(ctx: CheckoutContext, checkout: Checkout): Promise<Advance> {
  const { payment_id: paymentId, order_id: reference, instrument } = checkout
  const options = patiently(ctx, once(checkout, 'authorise'))
  try {
    const amount = totalOf(checkout)
    await ctx.call.payments.authorise({ paymentId, reference, amount, instrument }, options)
    return { to: 'authorised' }
  } catch (error) {
    if (payments.failures.declined.is(error)) {
      const { reason } = error.details
      return { to: 'releasing', refusal: { name: 'paymentDeclined', details: { reason } } }
    }
    throw error
  }
}

async function confirm(ctx: CheckoutContext, checkout: Checkout): Promise<Advance> {
  const { reservation_id: reservationId } = checkout
  try {
    await ctx.call.inventory.confirm({ reservationId }, once(checkout, 'confirm'))
    return { to: 'confirmed' }
  } catch (error) {
    if (inventory.failures.reservationClosed.is(error)) return holdLost(checkout, 'voiding')
    throw error
  }
}

async function place(ctx: CheckoutContext, checkout: Checkout): Promise<Advance> {
  const { currency } = checkout
  await ctx.call.orders.place(
    {
      orderId: checkout.order_id,
      customerId: checkout.customer_id,
      reservationId: checkout.reservation_id,
      paymentId: checkout.payment_id,
      lines: checkout.lines.map(({ sku, name, count, unitMinor }) => ({
        sku,
        name,
        count,
        price: { amountMinor: BigInt(unitMinor), currency },
      })),
      total: totalOf(checkout),
      shippingAddress: checkout.shipping_address,
    },
    once(checkout, 'place'),
  )
  return { to: 'placed' }
}

async function capture(ctx: CheckoutContext, checkout: Checkout): Promise<Advance> {
  const { payment_id: paymentId } = checkout
  try {
    await ctx.call.payments.capture({ paymentId }, patiently(ctx, once(checkout, 'capture')))
    return { to: 'captured' }
  } catch (error) {
    if (payments.failures.captureRefused.is(error)) {
      const { reason } = error.details
      return { to: 'abandoning', refusal: { name: 'paymentDeclined', details: { reason } } }
    }
    throw error
  }
}

async function markPaid(ctx: CheckoutContext, checkout: Checkout): Promise<Advance> {
  await ctx.call.orders.markPaid({ orderId: checkout.order_id }, once(checkout, 'markPaid'))
  return { to: 'paid' }
}

async function post(ctx: CheckoutContext, checkout: Checkout): Promise<Advance> {
  const total = totalOf(checkout)
  const postings = [
    { account: 'psp-clearing' as const, amount: total },
    { account: 'sales' as const, amount: negateMoney(total) },
  ]
  const entry = { source: 'sale' as const, reference: checkout.order_id, postings }
  await ctx.call.ledger.post(entry, once(checkout, 'post'))
  return { to: 'posted' }
}

async function closeCart(ctx: CheckoutContext, checkout: Checkout): Promise<Advance> {
  await ctx.call.cart.close({ cartId: checkout.cart_id }, once(checkout, 'closeCart'))
  return { to: 'completed' }
}

async function abandon(ctx: CheckoutContext, checkout: Checkout): Promise<Advance> {
  await ctx.call.orders.abandon({ orderId: checkout.order_id }, once(checkout, 'abandon'))
  return { to: 'voiding' }
}

async function voidPayment(ctx: CheckoutContext, checkout: Checkout): Promise<Advance> {
  const { payment_id: paymentId } = checkout
  await ctx.call.payments.void({ paymentId }, patiently(ctx, once(checkout, 'void')))
  return { to: 'releasing' }
}

async function release(ctx: CheckoutContext, checkout: Checkout): Promise<Advance> {
  const { reservation_id: reservationId } = checkout
  await ctx.call.inventory.release({ reservationId }, once(checkout, 'release'))
  return { to: 'refused' }
}

function holdLost({ id }: Checkout, to: 'releasing' | 'voiding'): Advance {
  return { to, refusal: { name: 'holdLost', details: { checkoutId: id } } }
}

function once({ id }: Checkout, step: StepName): { readonly idempotencyKey: string } {
  return { idempotencyKey: `${id}:${step}` }
}

function patiently<Options extends object>(
  ctx: CheckoutContext,
  options: Options,
): Options & { readonly timeoutMs: number } {
  return { ...options, timeoutMs: Math.max(1, Math.floor(ctx.remainingMs - deferralMs)) }
}

function totalOf({ total_minor, currency }: Checkout): Money {
  return { amountMinor: total_minor, currency }
}

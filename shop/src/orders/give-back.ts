import type { CommandContext } from 'banyan/module'
import { sql } from 'kysely'
import { z } from 'zod'
import type { inventory } from '../inventory/contract.ts'
import type { ledger } from '../ledger/contract.ts'
import { negateMoney } from '../money/index.ts'
import { payments } from '../payments/contract.ts'
import type { OrderOutcome } from './contract.ts'
import type { ordersTables } from './rows.ts'
import { moveOrder } from './state.ts'

export type OrdersContext = CommandContext<
  typeof ordersTables,
  readonly [typeof inventory, typeof ledger, typeof payments],
  z.output<typeof ordersConfig>
>

/** Settings: ORDERS_LEASE_MS, in ms. */
export const ordersConfig = z.object({
  /** How long an order may be under way back before somebody else continues. Longer than the timeout
   *  of `cancel`, else recovery works beside a customer who is being served. */
  leaseMs: z.coerce.number().int().min(100).max(600_000).default(16_000),
})

const takenPerRunMax = 20

/** Gives an order back that is `cancelling` or `refunding`: its stock (if it has not left the house),
 *  its money, and the entry in the books. Each step carries a key of the order, so all of it can be
 *  repeated from the start, by anybody, at any time. */
export async function giveBack(ctx: OrdersContext, orderId: string): Promise<OrderOutcome> {
  const order = await ctx.transaction((tx) =>
    tx
      .selectFrom('orders')
      .select(['state', 'reservation_id', 'payment_id', 'total_minor', 'currency'])
      .where('id', '=', orderId)
      .executeTakeFirstOrThrow(),
  )
  const isCancellation = order.state === 'cancelling' || order.state === 'cancelled'
  if (isCancellation) {
    await ctx.faultPoint('orders.release.before')
    const { reservation_id: reservationId } = order
    await ctx.call.inventory.release({ reservationId }, { idempotencyKey: `${orderId}:release` })
    await ctx.faultPoint('orders.release.after')
  }
  await ctx.faultPoint('orders.refund.before')
  const { payment_id: paymentId } = order
  await ctx.call.payments.refund({ paymentId }, { idempotencyKey: `${orderId}:refund` })
  await ctx.faultPoint('orders.refund.after')
  const total = { amountMinor: order.total_minor, currency: order.currency }
  const postings = [
    { account: 'refunds' as const, amount: total },
    { account: 'psp-clearing' as const, amount: negateMoney(total) },
  ]
  await ctx.faultPoint('orders.post.before')
  await ctx.call.ledger.post(
    { source: 'refund', reference: orderId, postings },
    { idempotencyKey: `${orderId}:post` },
  )
  await ctx.faultPoint('orders.post.after')
  const to = isCancellation ? 'cancelled' : 'refunded'
  return ctx.transaction((tx) => moveOrder(tx, ctx, { orderId, to }))
}

/** As the partial index orders_due has it: a bound value would not match it. */
const isUnderWay = sql<boolean>`state in ('cancelling', 'refunding')`

/** Gives an order back as far as the payment provider answers; if it does not, the order stays under
 *  way and `recoverOrders` goes on. */
export async function tryGiveBack(ctx: OrdersContext, begun: OrderOutcome): Promise<OrderOutcome> {
  try {
    return await giveBack(ctx, begun.orderId)
  } catch (error) {
    if (!payments.failures.providerUnresolved.is(error)) throw error
    ctx.log.warn({ orderId: begun.orderId, err: error }, 'giving an order back goes on later')
    return begun
  }
}

/** When somebody else may continue what is begun now. */
export function leaseEnd({ clock, config }: OrdersContext): Date {
  return new Date(clock.nowMs() + config.leaseMs)
}

/** Continues what was left half done. Leases are short-lived claims against double work; what makes
 *  double work harmless are the keys. Plan: orders_due. */
export async function recoverOrders(ctx: OrdersContext): Promise<void> {
  const nowMs = ctx.clock.nowMs()
  const due = await ctx.transaction((tx) =>
    tx
      .updateTable('orders')
      .set({ due_at: leaseEnd(ctx) })
      .where(
        'id',
        'in',
        tx
          .selectFrom('orders')
          .select('id')
          .where(isUnderWay)
          .where('due_at', '<', new Date(nowMs))
          .orderBy('due_at')
          .limit(takenPerRunMax)
          .forUpdate()
          .skipLocked(),
      )
      .returning('id')
      .execute(),
  )
  for (const { id } of due) {
    try {
      await giveBack(ctx, id)
    } catch (error) {
      ctx.log.warn({ orderId: id, err: error }, 'giving an order back will be tried again')
    }
  }
}

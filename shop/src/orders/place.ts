import type { TableWriter } from 'banyan/data'
import type { CommandContext } from 'banyan/module'
import type { Money } from '../money/index.ts'
import type { Address, OrderLine, OrderOutcome } from './contract.ts'
import type { OrdersRows } from './rows.ts'
import { recordState } from './state.ts'

export interface PlaceInput {
  readonly orderId: string
  readonly customerId: string
  readonly reservationId: string
  readonly paymentId: string
  readonly lines: readonly OrderLine[]
  readonly total: Money
  readonly shippingAddress: Address
}

/** Records an order with its lines, once per id. */
export async function placeOrder(
  tx: TableWriter<OrdersRows>,
  actor: Pick<CommandContext<unknown, readonly [], unknown>, 'clock' | 'principal'>,
  input: PlaceInput,
): Promise<OrderOutcome> {
  const { orderId, total } = input
  const placed = await tx
    .insertInto('orders')
    .values({
      id: orderId,
      customer_id: input.customerId,
      state: 'placed',
      reservation_id: input.reservationId,
      payment_id: input.paymentId,
      total_minor: total.amountMinor,
      currency: total.currency,
      shipping_address: JSON.stringify(input.shippingAddress),
      placed_at: new Date(actor.clock.nowMs()),
      due_at: null,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning('version')
    .executeTakeFirst()
  if (placed === undefined) return standing(tx, orderId)
  const rows = input.lines.map(({ sku, name, count, price }, line) => ({
    order_id: orderId,
    line,
    sku,
    name,
    count,
    unit_minor: price.amountMinor,
  }))
  await tx.insertInto('order_line').values(rows).execute()
  const outcome = { state: 'placed', version: placed.version } as const
  await recordState(tx, actor, orderId, outcome)
  return { orderId, ...outcome }
}

async function standing(tx: TableWriter<OrdersRows>, orderId: string): Promise<OrderOutcome> {
  const { state, version } = await tx
    .selectFrom('orders')
    .select(['state', 'version'])
    .where('id', '=', orderId)
    .executeTakeFirstOrThrow()
  return { orderId, state, version }
}

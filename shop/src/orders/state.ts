import type { TableWriter } from 'banyan/data'
import type { CommandContext, Outbox } from 'banyan/module'
import { type OrderOutcome, type OrderState, orders } from './contract.ts'
import type { OrdersRows } from './rows.ts'
import { sourcesOf } from './transitions.ts'

type Tx = TableWriter<OrdersRows> & Outbox
type Actor = Pick<CommandContext<unknown, readonly [], unknown>, 'clock' | 'principal'>

export interface Change {
  readonly orderId: string
  readonly to: OrderState
  /** Only an order of this customer. */
  readonly customerId?: string | undefined
  readonly dueAt?: Date
}

/** Moves an order along the table of transitions, and publishes what others wait for. An order that is
 *  already there stays as it is, and nothing is published, so that repeating a change is harmless.
 *  @throws ORDERS_ORDER_MISSING · ORDERS_TRANSITION_REFUSED */
export async function moveOrder(tx: Tx, actor: Actor, change: Change): Promise<OrderOutcome> {
  const { orderId, to, customerId, dueAt } = change
  let update = tx
    .updateTable('orders')
    .set(({ eb }) => ({
      state: to,
      version: eb('version', '+', 1),
      ...(dueAt !== undefined && { due_at: dueAt }),
    }))
    .where('id', '=', orderId)
    .where('state', 'in', sourcesOf(to))
  if (customerId !== undefined) update = update.where('customer_id', '=', customerId)
  const moved = await update.returning('version').executeTakeFirst()
  if (moved === undefined) return assertThere(tx, change)
  await recordState(tx, actor, orderId, { state: to, version: moved.version })
  const outcome = { orderId, state: to, version: moved.version }
  if (to === 'paid') tx.publish(orders.events.paid, outcome)
  if (to === 'cancelled') tx.publish(orders.events.cancelled, outcome)
  return outcome
}

/** Appends to the history of an order. */
export async function recordState(
  tx: TableWriter<OrdersRows>,
  { clock, principal }: Actor,
  orderId: string,
  { state, version }: { readonly state: OrderState; readonly version: number },
): Promise<void> {
  const at = new Date(clock.nowMs())
  await tx
    .insertInto('order_history')
    .values({ order_id: orderId, version, state, at, actor: principal.subject })
    .execute()
}

async function assertThere(tx: Tx, { orderId, to, customerId }: Change): Promise<OrderOutcome> {
  const found = await tx
    .selectFrom('orders')
    .select(['state', 'version', 'customer_id'])
    .where('id', '=', orderId)
    .executeTakeFirst()
  if (found === undefined || (customerId !== undefined && found.customer_id !== customerId)) {
    throw orders.failures.orderMissing({ orderId })
  }
  const { state, version } = found
  if (state !== to) throw orders.failures.transitionRefused({ orderId, from: state, to })
  return { orderId, state, version }
}

import type { TableReader } from 'banyan/data'
import type { Money } from '../money/index.ts'
import { type Order, type OrderOutcome, orders, type Receipt } from './contract.ts'
import type { OrdersRows } from './rows.ts'

/** An order with lines and history; with `customerId`, only if it is theirs.
 *  @throws ORDERS_ORDER_MISSING */
export async function findOrder(
  db: TableReader<OrdersRows>,
  orderId: string,
  customerId: string | undefined,
): Promise<Order> {
  const [found, lines, history] = await Promise.all([
    db.selectFrom('orders').selectAll().where('id', '=', orderId).executeTakeFirst(),
    db
      .selectFrom('order_line')
      .selectAll()
      .where('order_id', '=', orderId)
      .orderBy('line')
      .execute(),
    db
      .selectFrom('order_history')
      .select(['state', 'at'])
      .where('order_id', '=', orderId)
      .orderBy('version')
      .execute(),
  ])
  if (found === undefined || (customerId !== undefined && found.customer_id !== customerId)) {
    throw orders.failures.orderMissing({ orderId })
  }
  const { state, version, currency, total_minor, placed_at, shipping_address } = found
  return {
    orderId,
    state,
    version,
    placedAt: placed_at,
    total: { amountMinor: total_minor, currency },
    lines: lines.map(({ sku, name, count, unit_minor }) => ({
      sku,
      name,
      count,
      price: { amountMinor: unit_minor, currency },
    })),
    shippingAddress: shipping_address,
    history,
  }
}

/** What the invoice of an order says. @throws ORDERS_ORDER_MISSING, also when it was never paid */
export async function findReceipt(db: TableReader<OrdersRows>, orderId: string): Promise<Receipt> {
  const { total, lines, shippingAddress, history } = await findOrder(db, orderId, undefined)
  const paid = history.find(({ state }) => state === 'paid')
  if (paid === undefined) throw orders.failures.orderMissing({ orderId })
  return { orderId, paidAt: paid.at, total, lines, shippingAddress }
}

export interface OrderSummary extends OrderOutcome {
  readonly placedAt: Date
  readonly total: Money
}

/** A page of a customer's orders, newest first: ids sort by time.
 *  Plan: orders_of_customer. */
export async function listOrders(
  db: TableReader<OrdersRows>,
  customerId: string,
  { before, pageSize }: { readonly before?: string | undefined; readonly pageSize: number },
): Promise<{ orders: OrderSummary[]; isLastPage: boolean }> {
  let query = db
    .selectFrom('orders')
    .select(['id', 'state', 'version', 'placed_at', 'total_minor', 'currency'])
    .where('customer_id', '=', customerId)
    .orderBy('id', 'desc')
    .limit(pageSize + 1)
  if (before !== undefined) query = query.where('id', '<', before)
  const rows = await query.execute()
  return {
    orders: rows.slice(0, pageSize).map((row) => ({
      orderId: row.id,
      state: row.state,
      version: row.version,
      placedAt: row.placed_at,
      total: { amountMinor: row.total_minor, currency: row.currency },
    })),
    isLastPage: rows.length <= pageSize,
  }
}

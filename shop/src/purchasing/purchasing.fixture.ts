import assert from 'node:assert/strict'
import { createWorld, sleep } from 'banyan/kernel'
import type { TestShop } from '../../testing/test-shop.ts'
import { inventory } from '../inventory/contract.ts'
import { type PurchaseOrder, type PurchaseOrderState, purchasing } from './contract.ts'

const { ids, clock } = createWorld()
const untilMs = 20_000

/** What runs low, and how low it is when it does. */
export const stocked = 10
export const reorderPoint = 5

/** Puts a new product on sale that is reordered below 5 units. */
export async function stockArticle(shop: TestShop, sku: string): Promise<void> {
  await shop.stock(sku, stocked)
  await shop.clerk.of(inventory).setReorderPoint({ sku, reorderPoint })
}

/** Sells units of a product. */
export async function sell(shop: TestShop, sku: string, count: number): Promise<void> {
  const api = shop.app.operator.of(inventory)
  const reservationId = ids.next()
  await api.reserve({ reservationId, lines: [{ sku, count }], holdMs: 60_000 })
  await api.confirm({ reservationId })
}

/** The purchase orders of a product, newest first. */
export async function ordersOf(shop: TestShop, sku: string): Promise<PurchaseOrder[]> {
  const { purchaseOrders } = await shop.clerk.of(purchasing).list({ pageSize: 50 })
  return purchaseOrders.filter((order) => order.sku === sku)
}

/** The newest purchase order of a product, once it is in `state`. */
export async function untilOrder(
  shop: TestShop,
  sku: string,
  state: PurchaseOrderState,
): Promise<PurchaseOrder> {
  const endMs = performance.now() + untilMs
  for (;;) {
    const [newest] = await ordersOf(shop, sku)
    if (newest?.state === state) return newest
    assert.ok(performance.now() < endMs, `${sku} is ${newest?.state ?? 'not proposed'}: ${state}?`)
    await sleep(clock, 30)
  }
}

export async function availableOf(shop: TestShop, sku: string): Promise<number> {
  return (await shop.clerk.of(inventory).stock({ sku })).available
}

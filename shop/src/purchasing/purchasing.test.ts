import assert from 'node:assert/strict'
import { test } from 'node:test'
import { publishRanLow } from '../../testing/message-rows.ts'
import { connectAsOwner } from '../../testing/owner-query.ts'
import { openTestShop, type TestShop } from '../../testing/test-shop.ts'
import { inventory } from '../inventory/contract.ts'
import { purchasing } from './contract.ts'
import { countToOrder } from './propose.ts'
import {
  availableOf,
  ordersOf,
  reorderPoint,
  sell,
  stockArticle,
  untilOrder,
} from './purchasing.fixture.ts'

const ownerQuery = async (shop: TestShop, text: string) => {
  await using owner = await connectAsOwner(shop.app.server)
  return owner.query(text)
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + 20_000
  while (!(await isTrue())) {
    assert.ok(performance.now() < endMs, 'it took too long')
    await new Promise((resolve) => void setTimeout(resolve, 30))
  }
}

test('a product that runs low is proposed, approved, ordered by mail, delivered and in the stock', async () => {
  await using shop = await openTestShop({ messages: true, runner: ['inline', 'split'] })
  const api = shop.clerk.of(purchasing)
  await stockArticle(shop, 'BOOT')
  await sell(shop, 'BOOT', 6)
  const proposed = await untilOrder(shop, 'BOOT', 'proposed')
  const { purchaseOrderId } = proposed
  assert.deepEqual([proposed.count, proposed.decidedBy], [3 * reorderPoint - 4, undefined])
  assert.deepEqual(await shop.app.mails(), [])
  const approved = await api.approve({ purchaseOrderId })
  assert.deepEqual([approved.state, approved.decidedBy], ['approved', 'clerk:anna'])
  const ordered = await untilOrder(shop, 'BOOT', 'ordered')
  assert.ok(ordered.orderedAt !== undefined)
  const [mail, ...others] = await shop.app.mails()
  assert.deepEqual(others, [])
  assert.equal(mail?.messageId, `purchase-order.${purchaseOrderId}@shop.example`)
  assert.match(mail.text, /11 × BOOT/)
  await api.receive({ purchaseOrderId, count: 10 })
  const received = await untilOrder(shop, 'BOOT', 'received')
  assert.deepEqual([received.count, received.deliveredCount], [11, 10])
  assert.equal(await availableOf(shop, 'BOOT'), 14)
  await shop.app.messagesSettled()
  assert.equal((await ordersOf(shop, 'BOOT')).length, 1)
  assert.deepEqual(await api.get({ purchaseOrderId }), received)
})

test('while an order is open, none is added; afterwards what is still too little is proposed', async () => {
  await using shop = await openTestShop({ messages: true, runner: 'inline' })
  const api = shop.clerk.of(purchasing)
  await stockArticle(shop, 'BOOT')
  await sell(shop, 'BOOT', 6)
  const { purchaseOrderId } = await untilOrder(shop, 'BOOT', 'proposed')
  await shop.clerk.of(inventory).receive({ sku: 'BOOT', count: 2 }, { idempotencyKey: 'more' })
  await sell(shop, 'BOOT', 2)
  await sell(shop, 'BOOT', 3)
  await shop.app.messagesSettled()
  assert.equal((await ordersOf(shop, 'BOOT')).length, 1)
  await api.approve({ purchaseOrderId })
  await untilOrder(shop, 'BOOT', 'ordered')
  await api.receive({ purchaseOrderId, count: 1 })
  const next = await untilOrder(shop, 'BOOT', 'proposed')
  assert.deepEqual([next.count, await availableOf(shop, 'BOOT')], [13, 2])
  const states = (await ordersOf(shop, 'BOOT')).map(({ state }) => state)
  assert.deepEqual(states, ['proposed', 'received'])
})

test('a product is ordered up to the target level, if it is low', () => {
  assert.equal(countToOrder({ available: 5, reorderPoint: 5 }, 3), 0)
  assert.equal(countToOrder({ available: 4, reorderPoint: 5 }, 3), 11)
  assert.equal(countToOrder({ available: 0, reorderPoint: 0 }, 3), 0)
  assert.equal(countToOrder({ available: 0, reorderPoint: 1_000_000 }, 3), 1_000_000)
})

test('units that came back before the event was heard are not reordered', async () => {
  await using shop = await openTestShop({ messages: true, runner: 'inline' })
  await stockArticle(shop, 'BOOT')
  await publishRanLow(shop, { sku: 'BOOT', available: 4, reorderPoint })
  assert.deepEqual(await ordersOf(shop, 'BOOT'), [])
})

test('a rejected proposal is over, and the clerk is held to what was said', async () => {
  await using shop = await openTestShop({ messages: true, runner: 'inline' })
  const api = shop.clerk.of(purchasing)
  await stockArticle(shop, 'BOOT')
  await sell(shop, 'BOOT', 6)
  const { purchaseOrderId } = await untilOrder(shop, 'BOOT', 'proposed')
  const early = { purchaseOrderId, count: 1 }
  await assert.rejects(api.receive(early), {
    code: 'PURCHASING_TRANSITION_REFUSED',
    details: { purchaseOrderId, from: 'proposed', to: 'received (1)' },
  })
  const rejected = await api.reject({ purchaseOrderId })
  assert.deepEqual(await api.reject({ purchaseOrderId }), rejected)
  await assert.rejects(api.approve({ purchaseOrderId }), { code: 'PURCHASING_TRANSITION_REFUSED' })
  await shop.app.messagesSettled()
  const sagas = "select state from purchasing.banyan_message where queue = 'jobs.reorder'"
  assert.deepEqual(
    (await ownerQuery(shop, sagas)).filter(({ state }) => Number(state) < 6),
    [],
  )
  assert.deepEqual(await shop.app.mails(), [])
  const missing = { purchaseOrderId: '018f0000-0000-7000-8000-000000000000' }
  await assert.rejects(api.get(missing), { code: 'PURCHASING_PURCHASE_ORDER_MISSING' })
  await assert.rejects(api.approve(missing), { code: 'PURCHASING_PURCHASE_ORDER_MISSING' })
  await assert.rejects(shop.customer().of(purchasing).list({}), { kind: 'forbidden' })
})

test('a proposal that nobody decides on expires, and cannot be approved any more', async () => {
  const config = { purchasing: { approvalMs: 300 } }
  await using shop = await openTestShop({ messages: true, runner: 'inline', config })
  const api = shop.clerk.of(purchasing)
  await stockArticle(shop, 'BOOT')
  await sell(shop, 'BOOT', 6)
  const { purchaseOrderId } = await untilOrder(shop, 'BOOT', 'expired')
  await assert.rejects(api.approve({ purchaseOrderId }), {
    code: 'PURCHASING_TRANSITION_REFUSED',
    details: { purchaseOrderId, from: 'expired', to: 'approved' },
  })
  await shop.clerk.of(inventory).receive({ sku: 'BOOT', count: 2 }, { idempotencyKey: 'more' })
  await sell(shop, 'BOOT', 2)
  await untilOrder(shop, 'BOOT', 'proposed')
  assert.equal((await ordersOf(shop, 'BOOT')).length, 2)
})

test('what a clerk did is found in the row when the event of it was never heard', async () => {
  const config = { purchasing: { approvalMs: 400, overdueMs: 400 } }
  await using shop = await openTestShop({ messages: true, runner: 'inline', config })
  await stockArticle(shop, 'BOOT')
  await sell(shop, 'BOOT', 6)
  await untilOrder(shop, 'BOOT', 'proposed')
  await ownerQuery(
    shop,
    "update purchasing.purchase_order set state = 'approved', decided_at = now(), decided_by = 'x'",
  )
  await untilOrder(shop, 'BOOT', 'ordered')
  await until(async () => shop.app.logs.some(({ msg }) => msg === 'ordered goods are overdue'))
  await ownerQuery(
    shop,
    'update purchasing.purchase_order set delivered_at = now(), delivered_count = 7',
  )
  await untilOrder(shop, 'BOOT', 'received')
  assert.equal(await availableOf(shop, 'BOOT'), 11)
})

test('the list is paged and can be narrowed to a state', async () => {
  await using shop = await openTestShop({ messages: true, runner: 'inline' })
  const api = shop.clerk.of(purchasing)
  for (const sku of ['A-1', 'B-1', 'C-1']) {
    await stockArticle(shop, sku)
    await sell(shop, sku, 6)
    await untilOrder(shop, sku, 'proposed')
  }
  const first = await api.list({ pageSize: 2 })
  assert.deepEqual(
    [first.purchaseOrders.map(({ sku }) => sku), first.isLastPage],
    [['C-1', 'B-1'], false],
  )
  const before = first.purchaseOrders[1]?.purchaseOrderId ?? ''
  const second = await api.list({ pageSize: 2, before })
  assert.deepEqual(
    [second.purchaseOrders.map(({ sku }) => sku), second.isLastPage],
    [['A-1'], true],
  )
  await api.reject({ purchaseOrderId: before })
  const rejected = await api.list({ state: 'rejected' })
  assert.deepEqual(
    rejected.purchaseOrders.map(({ sku }) => sku),
    ['B-1'],
  )
})

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { listCaptured } from 'banyan/mail'
import { TestServer } from 'banyan/testing'
import { endLeases } from '../../testing/message-rows.ts'
import { startShopProcess } from '../../testing/shop-process.ts'
import { openTestShop, type TestShop } from '../../testing/test-shop.ts'
import { inventory } from '../inventory/contract.ts'
import { purchasing, purchasingFaultPoints } from './contract.ts'
import { ordersOf, sell, stockArticle, untilOrder } from './purchasing.fixture.ts'

type FaultPoint = (typeof purchasingFaultPoints)[number]

/** What a clerk does so that the order comes to the point. */
async function act(shop: TestShop, sku: string, point: FaultPoint): Promise<void> {
  const api = shop.clerk.of(purchasing)
  const [order] = await ordersOf(shop, sku)
  const purchaseOrderId = order?.purchaseOrderId ?? ''
  if (point.startsWith('purchasing.order')) await api.approve({ purchaseOrderId })
  if (point.startsWith('purchasing.book')) {
    await untilOrder(shop, sku, 'ordered')
    await api.receive({ purchaseOrderId, count: 11 })
  }
}

/** Sold from 10 to 4, and 11 received: nothing was done twice. */
async function assertOnce(shop: TestShop, sku: string): Promise<string> {
  const [order, ...others] = await ordersOf(shop, sku)
  assert.deepEqual([order?.state, others], ['received', []])
  const { received, available } = await shop.clerk.of(inventory).levels({ sku })
  assert.deepEqual({ received, available }, { received: 10 + 11, available: 15 })
  return order?.purchaseOrderId ?? ''
}

test('a worker that fails at any boundary leaves one order per crossing, booked once', async () => {
  await using shop = await openTestShop({ messages: true, runner: 'inline' })
  const { faults } = shop.app.world
  for (const [index, point] of purchasingFaultPoints.entries()) {
    const sku = `BOOT-${index}`
    await stockArticle(shop, sku)
    faults.arm(point, 'fail')
    await sell(shop, sku, 6)
    await untilOrder(shop, sku, 'proposed')
    for (const next of ['purchasing.order.before', 'purchasing.book.before'] as const) {
      await act(shop, sku, next)
    }
    await untilOrder(shop, sku, 'received')
    await shop.app.messagesSettled()
    const id = await assertOnce(shop, sku)
    const mails = (await shop.app.mails()).filter(({ messageId }) => messageId.includes(id))
    const repetitions = point === 'purchasing.order.after' ? 1 : 0
    assert.deepEqual(
      mails.map((mail) => [mail.repetitions, mail.differing]),
      [[repetitions, 0]],
      point,
    )
  }
})

test('processes killed one after the other bring an order to its end, once', async (t) => {
  // this process is the clerk; only the ones that are killed work on messages
  await using shop = await openTestShop({ runner: 'inline', messages: false })
  const server = await TestServer.acquire()
  t.after(() => server.release())
  const folder = await mkdtemp(join(tmpdir(), 'banyan-crash-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const start = (faults?: string) =>
    startShopProcess({
      ...{ databaseUrl: server.urlOf(shop.app.server.database), pspUrl: shop.psp.url, folder },
      ...(faults !== undefined && { faults }),
    })
  await stockArticle(shop, 'BOOT')
  await sell(shop, 'BOOT', 6)
  for (const point of purchasingFaultPoints.filter((name) => name.endsWith('.after'))) {
    await using victim = await start(`${point}=kill`)
    await act(shop, 'BOOT', point)
    const { signal } = await victim.exited
    assert.equal(signal, 'SIGKILL', `${point} was not reached`)
    await endLeases(shop)
  }
  await using _survivor = await start()
  await untilOrder(shop, 'BOOT', 'received')
  const id = await assertOnce(shop, 'BOOT')
  const mails = await listCaptured(join(folder, 'mail'))
  assert.deepEqual(
    mails.map(({ messageId, repetitions, differing }) => [messageId, repetitions, differing]),
    [[`purchase-order.${id}@shop.example`, 1, 0]],
  )
})

test('every fault point of the module is passed on the way of an order', async () => {
  await using shop = await openTestShop({ messages: true, runner: 'inline' })
  const { faults } = shop.app.world
  faults.recording = true
  await stockArticle(shop, 'BOOT')
  await sell(shop, 'BOOT', 6)
  await untilOrder(shop, 'BOOT', 'proposed')
  await act(shop, 'BOOT', 'purchasing.order.before')
  await act(shop, 'BOOT', 'purchasing.book.before')
  await untilOrder(shop, 'BOOT', 'received')
  await shop.app.messagesSettled()
  assert.deepEqual(
    purchasingFaultPoints.filter((point) => !faults.reached.has(point)),
    [],
  )
})

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { listCaptured } from 'banyan/mail'
import { TestServer } from 'banyan/testing'
import { endLeases } from '../../testing/message-rows.ts'
import { startShopProcess } from '../../testing/shop-process.ts'
import { openTestShop, shippingAddress, type TestShop } from '../../testing/test-shop.ts'
import { checkout } from '../checkout/contract.ts'
import { notifications, notificationsFaultPoints } from './contract.ts'

const deadlineMs = 20_000

/** Sends of the mail that the death of its process may cost: none before it was handed over. */
const repetitionsAt: Readonly<Record<(typeof notificationsFaultPoints)[number], number>> = {
  'notifications.send.before': 0,
  'notifications.send.after': 1,
}

test('a process killed before or after it hands a mail over leaves one mail, sent again as it was', async (t) => {
  // this process buys; only the ones that are killed work on messages
  await using shop = await openTestShop({ runner: 'inline', messages: false })
  await using server = await sharedServer()
  const folder = await mkdtemp(join(tmpdir(), 'banyan-crash-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const start = (faults?: string) =>
    startShopProcess({
      ...{ databaseUrl: server.urlOf(shop.app.server.database), pspUrl: shop.psp.url, folder },
      ...(faults !== undefined && { faults }),
    })
  await shop.stock('BOOT', 10)
  for (const point of notificationsFaultPoints) {
    const orderId = await buy(shop)
    await using victim = await start(`${point}=kill`)
    const { signal } = await victim.exited
    assert.equal(signal, 'SIGKILL', `${point} was not reached`)
    await endLeases(shop)
    await using _survivor = await start()
    await recorded(shop, orderId)
    const mails = await listCaptured(join(folder, 'mail'))
    const own = mails.filter(({ messageId }) => messageId.includes(orderId))
    assert.deepEqual(
      own.map(({ repetitions, differing }) => [repetitions, differing]),
      [[repetitionsAt[point], 0]],
      point,
    )
  }
})

async function sharedServer(): Promise<TestServer & AsyncDisposable> {
  const server = await TestServer.acquire()
  return Object.assign(server, { [Symbol.asyncDispose]: () => server.release() })
}

async function buy(shop: TestShop): Promise<string> {
  const customer = shop.customer()
  const cartId = await shop.cartWith(customer, 'BOOT')
  const address = { ...shippingAddress, email: 'zoe@example.org' }
  const input = { cartId, payment: { instrument: 'tok_visa' }, shippingAddress: address }
  return (await customer.of(checkout).submit(input, { idempotencyKey: cartId })).orderId
}

async function recorded(shop: TestShop, orderId: string): Promise<void> {
  const endMs = performance.now() + deadlineMs
  for (;;) {
    const { mails } = await shop.clerk.of(notifications).mails({ orderId })
    if (mails.length > 0) return
    assert.ok(performance.now() < endMs, `the mail of ${orderId} was not recorded`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

import { sleep } from 'banyan/kernel'
import { connectAsOwner } from './owner-query.ts'
import type { TestShop } from './test-shop.ts'

const modules = ['orders', 'notifications'] as const

/** Says once more that an order was paid, as another message, and waits until it was worked on: what the
 *  platform knows messages by does not help then. */
export async function publishPaidAgain(shop: TestShop, orderId: string): Promise<void> {
  await using owner = await connectAsOwner(shop.app.server)
  const { clock } = shop.app.world
  const heard = async (): Promise<unknown> => {
    const rows = await owner.query('select count(*)::int as count from notifications.banyan_inbox')
    return rows[0]?.['count']
  }
  const before = await heard()
  const payload = JSON.stringify({ orderId, state: 'paid', version: 2 })
  await owner.query(`insert into orders.banyan_outbox (id, name, version, key, payload, headers)
    values (uuidv7(), 'orders.paid', 1, '${orderId}', '${payload}', '{}')`)
  // a hint, as a publisher gives it; without it the relay looks by itself some seconds later
  await owner.query(`select pg_notify('banyan_messages', 'test orders')`)
  while ((await heard()) === before) await sleep(clock, 50)
  await shop.app.messagesSettled()
}

/** What dead processes held is free when its lease has run out: now, not some seconds later. */
export async function endLeases(shop: TestShop): Promise<void> {
  await using owner = await connectAsOwner(shop.app.server)
  for (const module of modules) {
    await owner.query(`update ${module}.banyan_message set leased_until = now() where state = 2`)
    await owner.query(`update ${module}.banyan_lease set expires_at = now()`)
  }
}

import { sleep } from 'banyan/kernel'
import { connectAsOwner } from './owner-query.ts'
import type { TestShop } from './test-shop.ts'

const modules = ['orders', 'inventory', 'notifications', 'purchasing'] as const

type Module = (typeof modules)[number]

/** An event as its module would publish it. */
interface Said {
  readonly from: Module
  readonly name: string
  readonly key: string
  readonly payload: unknown
}

/** Says once more that an order was paid, as another message, and waits until it was worked on: what the
 *  platform knows messages by does not help then. */
export function publishPaidAgain(shop: TestShop, orderId: string): Promise<void> {
  const payload = { orderId, state: 'paid', version: 2 }
  return publish(
    shop,
    { from: 'orders', name: 'orders.paid', key: orderId, payload },
    'notifications',
  )
}

/** Says that a product ran low, whether it did or not, and waits until it was worked on. */
export function publishRanLow(
  shop: TestShop,
  payload: { readonly sku: string; readonly available: number; readonly reorderPoint: number },
): Promise<void> {
  const said = { from: 'inventory', name: 'inventory.ranLow', key: payload.sku, payload } as const
  return publish(shop, said, 'purchasing')
}

async function publish(
  shop: TestShop,
  { from, name, key, payload }: Said,
  to: Module,
): Promise<void> {
  await using owner = await connectAsOwner(shop.app.server)
  const { clock } = shop.app.world
  const heard = async (): Promise<unknown> => {
    const rows = await owner.query(`select count(*)::int as count from ${to}.banyan_inbox`)
    return rows[0]?.['count']
  }
  const before = await heard()
  await owner.query(`insert into ${from}.banyan_outbox (id, name, version, key, payload, headers)
    values (uuidv7(), '${name}', 1, '${key}', '${JSON.stringify(payload)}', '{}')`)
  // a hint, as a publisher gives it; without it the relay looks by itself some seconds later
  await owner.query(`select pg_notify('banyan_messages', 'test ${from}')`)
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

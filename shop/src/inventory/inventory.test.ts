import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createWorld } from 'banyan/kernel'
import { FakeClock } from 'banyan/testing'
import { connectAsOwner } from '../../testing/owner-query.ts'
import { openTestShop, type TestShop } from '../../testing/test-shop.ts'
import { inventory } from './contract.ts'

const { ids } = createWorld()
const holdMs = 60_000
/** For tests that count on each call arriving once, or that are long enough already. */
const notTripled = ['inline', 'split', 'split-kill'] as const

const operatorOf = (shop: TestShop) => shop.app.operator.of(inventory)
const levelsOf = (shop: TestShop, sku: string) => shop.clerk.of(inventory).levels({ sku })

test('a reservation holds all lines or none', async () => {
  await using shop = await openTestShop()
  await shop.stock('BOOT', 5)
  await shop.stock('SOCK', 1)
  const lines = [
    { sku: 'BOOT', count: 2 },
    { sku: 'SOCK', count: 2 },
  ]
  const refused = operatorOf(shop).reserve({ reservationId: ids.next(), lines, holdMs })
  await assert.rejects(refused, {
    code: 'INVENTORY_SOLD_OUT',
    details: { sku: 'SOCK', requested: 2, available: 1 },
  })
  assert.equal((await levelsOf(shop, 'BOOT')).held, 0)
  await assert.rejects(
    operatorOf(shop).reserve({
      reservationId: ids.next(),
      lines: [...lines, ...lines],
      holdMs,
    }),
    { code: 'INVENTORY_SKU_REPEATED' },
  )
  await assert.rejects(
    operatorOf(shop).reserve({
      reservationId: ids.next(),
      lines: [{ sku: 'NONE', count: 1 }],
      holdMs,
    }),
    { code: 'INVENTORY_STOCK_MISSING' },
  )
  await shop.assertSound()
})

test('each step of a reservation happens once, whatever the key', async () => {
  await using shop = await openTestShop()
  await shop.stock('BOOT', 5)
  const api = operatorOf(shop)
  const reservationId = ids.next()
  const lines = [{ sku: 'BOOT', count: 2 }]
  const first = await api.reserve({ reservationId, lines, holdMs })
  assert.deepEqual(await api.reserve({ reservationId, lines, holdMs }), first)
  assert.equal((await levelsOf(shop, 'BOOT')).held, 2)
  for (let n = 0; n < 2; n++) {
    assert.equal((await api.confirm({ reservationId })).state, 'confirmed')
  }
  assert.deepEqual(await levelsOf(shop, 'BOOT'), {
    sku: 'BOOT',
    received: 5,
    available: 3,
    held: 0,
    sold: 2,
  })
  for (let n = 0; n < 2; n++) {
    assert.equal((await api.release({ reservationId })).state, 'returned')
  }
  assert.equal((await levelsOf(shop, 'BOOT')).available, 5)
  await assert.rejects(api.confirm({ reservationId }), { code: 'INVENTORY_RESERVATION_CLOSED' })
  await shop.assertSound()
})

test('a release that overtakes its reservation closes it', async () => {
  await using shop = await openTestShop()
  await shop.stock('BOOT', 5)
  const reservationId = ids.next()
  assert.equal((await operatorOf(shop).release({ reservationId })).state, 'released')
  const late = operatorOf(shop).reserve({
    reservationId,
    lines: [{ sku: 'BOOT', count: 1 }],
    holdMs,
  })
  await assert.rejects(late, { code: 'INVENTORY_RESERVATION_CLOSED' })
  assert.equal((await levelsOf(shop, 'BOOT')).available, 5)
  await shop.assertSound()
})

test('a hold ends at its time and not before, and then cannot be confirmed', async () => {
  const clock = new FakeClock(Date.now())
  await using shop = await openTestShop({ clock, runner: notTripled })
  await shop.stock('BOOT', 5)
  const reservationId = ids.next()
  const lines = [{ sku: 'BOOT', count: 2 }]
  await operatorOf(shop).reserve({ reservationId, lines, holdMs })
  await clock.advance(holdMs)
  await shop.app.runSchedule('inventory.schedules.expire')
  assert.equal((await levelsOf(shop, 'BOOT')).held, 2)
  await clock.advance(1)
  await shop.app.runSchedule('inventory.schedules.expire')
  await shop.app.runSchedule('inventory.schedules.expire')
  assert.equal((await levelsOf(shop, 'BOOT')).available, 5)
  await assert.rejects(operatorOf(shop).confirm({ reservationId }), {
    code: 'INVENTORY_RESERVATION_CLOSED',
    details: { reservationId, state: 'expired' },
  })
  await shop.assertSound()
})

test('buyers of crossed products, expiry and releases at once neither deadlock nor lose a unit', async () => {
  await using shop = await openTestShop({ runner: notTripled })
  await shop.stock('A-1', 40)
  await shop.stock('B-1', 40)
  const api = operatorOf(shop)
  const work = Array.from({ length: 60 }, async (_, index) => {
    const skus = index % 2 === 0 ? ['A-1', 'B-1'] : ['B-1', 'A-1']
    const reservationId = ids.next()
    const lines = skus.map((sku) => ({ sku, count: 1 }))
    try {
      await api.reserve({ reservationId, lines, holdMs: index % 3 === 0 ? 1_000 : holdMs })
    } catch (error) {
      if (inventory.failures.soldOut.is(error)) return
      throw error
    }
    if (index % 3 === 1) await api.confirm({ reservationId })
    if (index % 3 === 2) await api.release({ reservationId })
    await shop.app.runSchedule('inventory.schedules.expire')
  })
  await Promise.all(work)
  await new Promise((resolve) => void setTimeout(resolve, 1_050))
  await Promise.all([
    shop.app.runSchedule('inventory.schedules.expire'),
    shop.app.runSchedule('inventory.schedules.expire'),
  ])
  const levels = await levelsOf(shop, 'A-1')
  assert.equal(levels.held, 0)
  assert.equal(levels.available + levels.sold, 40)
  await shop.assertSound()
})

test('stock is received for products of the catalogue only, and read by whoever may', async () => {
  await using shop = await openTestShop()
  const receipt = { sku: 'NONE', count: 1 }
  await assert.rejects(shop.clerk.of(inventory).receive(receipt), {
    code: 'INVENTORY_PRODUCT_MISSING',
  })
  await assert.rejects(shop.customer().of(inventory).receive(receipt), { kind: 'forbidden' })
  await assert.rejects(shop.customer().of(inventory).stock({ sku: 'NONE' }), {
    code: 'INVENTORY_STOCK_MISSING',
  })
})

test('movements cannot be altered, not even by their module', async () => {
  await using shop = await openTestShop()
  await shop.stock('BOOT', 5)
  await using owner = await connectAsOwner(shop.app.server)
  await assert.rejects(owner.query('update inventory.movement set count = 1'), /append-only/)
  await assert.rejects(owner.query('delete from inventory.movement'), /append-only/)
})

test('a product runs low once, however many buy it at once, and again when it had come back', async () => {
  await using shop = await openTestShop()
  const api = operatorOf(shop)
  const clerk = shop.clerk.of(inventory)
  const reserve = (count: number, more: { sku: string; count: number }[] = []) =>
    api.reserve({ reservationId: ids.next(), lines: [{ sku: 'BOOT', count }, ...more], holdMs })
  await using owner = await connectAsOwner(shop.app.server)
  const said = async () => {
    const rows = await owner.query(
      "select payload::jsonb ->> 'available' as left, key from inventory.banyan_outbox where name = 'inventory.ranLow' order by position",
    )
    return rows.map(({ left, key }) => `${String(key)} ${String(left)}`)
  }
  await shop.stock('BOOT', 10)
  await reserve(1)
  assert.deepEqual(await said(), [], 'nobody set a reorder point')
  await clerk.setReorderPoint({ sku: 'BOOT', reorderPoint: 5 })
  await assert.rejects(reserve(5, [{ sku: 'NONE', count: 1 }]), { code: 'INVENTORY_STOCK_MISSING' })
  assert.deepEqual(await said(), [], 'what rolls back says nothing')
  await Promise.all(Array.from({ length: 8 }, () => reserve(1)))
  assert.deepEqual(await said(), ['BOOT 4'])
  await clerk.receive({ sku: 'BOOT', count: 4 }, { idempotencyKey: 'back' })
  assert.deepEqual(await said(), ['BOOT 4'])
  await reserve(2)
  assert.deepEqual(await said(), ['BOOT 4', 'BOOT 3'])
  await clerk.setReorderPoint({ sku: 'BOOT', reorderPoint: 2 })
  assert.deepEqual(await clerk.reorderPoint({ sku: 'BOOT' }), {
    ...{ sku: 'BOOT', available: 3, reorderPoint: 2 },
  })
  await clerk.setReorderPoint({ sku: 'BOOT', reorderPoint: 4 })
  await clerk.setReorderPoint({ sku: 'BOOT', reorderPoint: 5 })
  assert.deepEqual(await said(), ['BOOT 4', 'BOOT 3', 'BOOT 3'])
  await assert.rejects(clerk.setReorderPoint({ sku: 'NONE', reorderPoint: 4 }), {
    code: 'INVENTORY_STOCK_MISSING',
  })
  await assert.rejects(clerk.reorderPoint({ sku: 'NONE' }), { code: 'INVENTORY_STOCK_MISSING' })
})

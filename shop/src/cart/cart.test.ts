import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestShop } from '../../testing/test-shop.ts'
import { catalog } from '../catalog/contract.ts'
import { linesMax, unitsMax } from './change.ts'
import { cart } from './contract.ts'

test('lines are added up, set and removed, and the prices are those of the catalogue', async () => {
  await using shop = await openTestShop()
  await shop.stock('BOOT', 5, 1_000n)
  await shop.stock('SOCK', 5, 300n)
  const ann = shop.customer()
  const cartId = await shop.cartWith(ann, 'BOOT', 1)
  await ann.of(cart).addLine({ cartId, sku: 'BOOT', count: 2 })
  await ann.of(cart).addLine({ cartId, sku: 'SOCK' })
  const price = { amountMinor: 1_100n, currency: 'EUR' as const }
  await shop.clerk.of(catalog).alterPrice({ sku: 'BOOT', price })
  const read = await ann.of(cart).get({ cartId })
  assert.deepEqual(
    read.lines.map(({ sku, count }) => [sku, count]),
    [
      ['BOOT', 3],
      ['SOCK', 1],
    ],
  )
  assert.equal(read.total.amountMinor, 3_600n)
  await ann.of(cart).setLine({ cartId, sku: 'BOOT', count: 1 })
  await ann.of(cart).removeLine({ cartId, sku: 'SOCK' })
  await ann.of(cart).removeLine({ cartId, sku: 'SOCK' })
  assert.equal((await ann.of(cart).get({ cartId })).total.amountMinor, 1_100n)
  await assert.rejects(ann.of(cart).setLine({ cartId, sku: 'SOCK', count: 1 }), {
    code: 'CART_LINE_MISSING',
  })
  await assert.rejects(ann.of(cart).addLine({ cartId, sku: 'NONE' }), {
    code: 'CART_PRODUCT_MISSING',
  })
})

test('a cart belongs to its customer', async () => {
  await using shop = await openTestShop()
  await shop.stock('BOOT', 5)
  const [ann, eve] = [shop.customer(), shop.customer()]
  const cartId = await shop.cartWith(ann, 'BOOT')
  const missing = { code: 'CART_CART_MISSING' }
  await assert.rejects(eve.of(cart).get({ cartId }), missing)
  await assert.rejects(eve.of(cart).addLine({ cartId, sku: 'BOOT' }), missing)
  await assert.rejects(eve.of(cart).setLine({ cartId, sku: 'BOOT', count: 1 }), missing)
  await assert.rejects(eve.of(cart).removeLine({ cartId, sku: 'BOOT' }), missing)
  await assert.rejects(eve.of(cart).contents({ cartId }), { kind: 'forbidden' })
})

test('a cart has bounds, also when lines are added at once', async () => {
  await using shop = await openTestShop({ runner: ['inline', 'split', 'split-kill'] })
  await shop.stock('BOOT', 5)
  const ann = shop.customer()
  const cartId = await shop.cartWith(ann, 'BOOT', unitsMax - 1)
  const additions = await Promise.allSettled(
    Array.from({ length: 3 }, () => ann.of(cart).addLine({ cartId, sku: 'BOOT' })),
  )
  assert.equal(additions.filter(({ status }) => status === 'fulfilled').length, 1)
  for (const addition of additions) {
    if (addition.status === 'rejected') assert.ok(cart.failures.cartFull.is(addition.reason))
  }
  for (let n = 1; n <= linesMax; n++) {
    await shop.stock(`SKU-${n}`, 1)
    const adding = ann.of(cart).addLine({ cartId, sku: `SKU-${n}` })
    if (n < linesMax) await adding
    else await assert.rejects(adding, { code: 'CART_CART_FULL' })
  }
})

test('a closed cart takes nothing more, and closing it again changes nothing', async () => {
  await using shop = await openTestShop()
  await shop.stock('BOOT', 5)
  const ann = shop.customer()
  const cartId = await shop.cartWith(ann, 'BOOT')
  for (let n = 0; n < 2; n++) await shop.app.operator.of(cart).close({ cartId })
  await assert.rejects(ann.of(cart).addLine({ cartId, sku: 'BOOT' }), { code: 'CART_CART_CLOSED' })
  const missing = `${cartId.slice(0, -4)}0000`
  await assert.rejects(shop.app.operator.of(cart).close({ cartId: missing }), {
    code: 'CART_CART_MISSING',
  })
})

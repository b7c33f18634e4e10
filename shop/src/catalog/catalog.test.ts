import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { openTestShop, productOf, type TestShop } from '../../testing/test-shop.ts'
import { catalog, type Product } from './contract.ts'
import { generateProducts } from './generate.ts'

const generated = generateProducts(1_000)

describe('the catalogue of a development database', () => {
  let shop: TestShop
  before(async () => {
    shop = await openTestShop({ seed: true })
  })
  after(() => shop[Symbol.asyncDispose]())

  const api = () => shop.customer().of(catalog)

  async function readAll(search: Parameters<ReturnType<typeof api>['search']>[0]) {
    const products: Product[] = []
    let cursor: string | undefined
    do {
      const page = await api().search({ ...search, pageSize: 50, ...(cursor && { cursor }) })
      products.push(...page.products)
      cursor = page.nextCursor
    } while (cursor !== undefined)
    return products
  }

  test('holds every generated product, unchanged', async () => {
    const bySku = (left: Product, right: Product) => (left.sku < right.sku ? -1 : 1)
    assert.deepEqual((await readAll({})).toSorted(bySku), generated.toSorted(bySku))
  })

  for (const sort of ['name', 'priceUp', 'priceDown', 'relevance'] as const) {
    test(`pages in the order ${sort} meet every product once`, async () => {
      const text = sort === 'relevance' ? { text: 'jacket' } : {}
      const products = await readAll({ sort, ...text })
      assert.equal(new Set(products.map(({ sku }) => sku)).size, products.length)
      const all = generated.filter(({ name }) => text.text === undefined || /Jacket/.test(name))
      assert.equal(products.length, all.length)
      const prices = products.map(({ price }) => price.amountMinor)
      const sorted = prices.toSorted((a, b) => Number(a - b))
      if (sort === 'priceUp') assert.deepEqual(prices, sorted)
      if (sort === 'priceDown') assert.deepEqual(prices, sorted.toReversed())
    })
  }

  test('finds words in any form, excludes what is marked with a minus, and takes no offence', async () => {
    const tents = await readAll({ text: 'tent' })
    assert.ok(tents.length > 10 && tents.every(({ name }) => name.includes('Tent')))
    assert.equal((await readAll({ text: 'tents' })).length, tents.length)
    const others = await readAll({ text: 'tent -ridge' })
    assert.ok(others.length < tents.length)
    assert.ok(others.every(({ name }) => !name.includes('Ridge')))
    assert.deepEqual(await readAll({ text: `'"; drop table product --` }), [])
    assert.equal((await readAll({ text: '   ' })).length, generated.length)
  })

  test('narrows to a subtree, and not to a sibling whose name begins the same', async () => {
    const camp = await readAll({ category: 'camp' })
    assert.deepEqual(
      camp.length,
      generated.filter(({ category }) => category.startsWith('camp/')).length,
    )
    assert.deepEqual(await readAll({ category: 'cam' }), [])
  })

  test('counts each facet as if it were not narrowed itself, the others as narrowed', async () => {
    const counts = await api().facets({ brand: ['Ibex'], colour: ['red', 'blue'] })
    const coloured = generated.filter(({ colour }) => ['red', 'blue'].includes(colour))
    const brands = Object.fromEntries(counts.brand.map(({ value, count }) => [value, count]))
    for (const [brand, count] of Object.entries(brands)) {
      assert.equal(count, coloured.filter((product) => product.brand === brand).length, brand)
    }
    assert.ok(counts.brand.length > 5)
    const ibex = await readAll({ brand: ['Ibex'], colour: ['red', 'blue'] })
    const sizes = counts.size.reduce((sum, { count }) => sum + count, 0)
    assert.equal(sizes, ibex.length)
    assert.equal(ibex.length, coloured.filter(({ brand }) => brand === 'Ibex').length)
  })

  test('a cursor of another order is refused', async () => {
    const { nextCursor } = await api().search({ sort: 'name' })
    assert.ok(nextCursor !== undefined)
    const crossed = api().search({ sort: 'priceUp', cursor: nextCursor })
    await assert.rejects(crossed, { code: 'CATALOG_CURSOR_INVALID', kind: 'invalid' })
  })

  test('lists the tree with the products of each subtree', async () => {
    const { categories } = await api().categories({})
    const camp = categories.find(({ path }) => path === 'camp')
    const inCamp = generated.filter(({ category }) => category.startsWith('camp/'))
    assert.equal(camp?.productCount, inCamp.length)
    const roots = categories.filter(({ path }) => !path.includes('/'))
    assert.equal(
      roots.reduce((sum, { productCount }) => sum + productCount, 0),
      generated.length,
    )
  })
})

test('only a clerk adds products and alters prices, under an existing category and a new sku', async () => {
  await using shop = await openTestShop()
  const { clerk } = shop
  const boots = productOf('BOOT', 1_995n)
  assert.deepEqual(await clerk.of(catalog).addProduct(boots), boots)
  await assert.rejects(clerk.of(catalog).addProduct(boots), { code: 'CATALOG_SKU_TAKEN' })
  await assert.rejects(clerk.of(catalog).addProduct({ ...boots, sku: 'B-2', category: 'none' }), {
    code: 'CATALOG_CATEGORY_MISSING',
  })
  const price = { amountMinor: 2_500n, currency: 'EUR' as const }
  const altered = await clerk.of(catalog).alterPrice({ sku: 'BOOT', price })
  assert.deepEqual(altered.price, price)
  await assert.rejects(shop.customer().of(catalog).addProduct(boots), { kind: 'forbidden' })
  await assert.rejects(clerk.of(catalog).alterPrice({ sku: 'NONE', price }), {
    code: 'CATALOG_PRODUCT_MISSING',
  })
  await assert.rejects(
    clerk.of(catalog).alterPrice({ sku: 'BOOT', price: { ...price, amountMinor: 0n } }),
    { kind: 'invalid' },
  )
})

test('categories grow below existing ones only', async () => {
  await using shop = await openTestShop()
  const api = shop.clerk.of(catalog)
  await api.addCategory({ path: 'test/boots', name: 'Boots' })
  await assert.rejects(api.addCategory({ path: 'test/boots', name: 'Boots' }), {
    code: 'CATALOG_CATEGORY_TAKEN',
  })
  await assert.rejects(api.addCategory({ path: 'none/boots', name: 'Boots' }), {
    code: 'CATALOG_CATEGORY_MISSING',
  })
})

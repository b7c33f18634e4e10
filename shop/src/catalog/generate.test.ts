import assert from 'node:assert/strict'
import { test } from 'node:test'
import { categoryTree } from './category-tree.ts'
import { facetNames, productSchema } from './contract.ts'
import { generateProducts } from './generate.ts'

test('the thousand products are the same on every machine', () => {
  assert.deepEqual(generateProducts(1_000), generateProducts(1_000))
  assert.equal(generateProducts(1)[0]?.sku, 'TREK-00001')
})

test('every generated product is one that a clerk could have added, under its own sku', () => {
  const products = generateProducts(1_000)
  for (const product of products) assert.deepEqual(productSchema.parse(product), product)
  assert.equal(new Set(products.map(({ sku }) => sku)).size, 1_000)
})

test('products hang in leaves of a tree of three levels whose parents come first', () => {
  const paths = categoryTree().map(({ path }) => path)
  assert.equal(Math.max(...paths.map((path) => path.split('/').length)), 3)
  for (const [index, path] of paths.entries()) {
    const parent = path.split('/').slice(0, -1).join('/')
    assert.ok(parent === '' || paths.indexOf(parent) < index, path)
  }
  for (const { category } of generateProducts(1_000)) assert.ok(paths.includes(category))
})

test('every facet narrows: none has fewer than four values over the whole catalogue', () => {
  const products = generateProducts(1_000)
  for (const facet of facetNames) {
    assert.ok(new Set(products.map((product) => product[facet])).size >= 4, facet)
  }
})

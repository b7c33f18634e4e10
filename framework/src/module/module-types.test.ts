import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { command, contract, failure, query } from '../contract/index.ts'
import type { DataSource } from './data-source.ts'
import { module } from './module.ts'

const catalog = contract('catalog', {
  failures: { gone: failure('not_found', z.object({ sku: z.string() })) },
  operations: {
    product: query({
      input: z.object({ sku: z.string() }),
      output: z.object({ sku: z.string(), priceMinor: z.bigint() }),
      access: 'public',
      http: 'GET /products/{sku}',
      failures: ['gone'],
    }),
  },
})
const stock = contract('stock', {
  operations: {
    reserve: command({
      input: z.object({ sku: z.string(), count: z.int().default(1) }),
      output: z.object({ id: z.string() }),
      access: ['customer'],
    }),
  },
})
const source: DataSource<{ read(): number }, { write(): number }> = {
  migrations: new URL('file:///sql/'),
}

test('a command may call what it uses and write, and nothing else, by type', () => {
  const declared = module(stock, {
    uses: [catalog],
    tables: source,
    handlers: {
      reserve: async (input, ctx) => {
        const count: number = input.count
        const product = await ctx.call.catalog.product({ sku: 'a' })
        const priceMinor: bigint = product.priceMinor
        // @ts-expect-error an undeclared use
        void ctx.call.orders
        // @ts-expect-error a command has no reader
        void ctx.db
        return ctx.transaction(async (tx) => ({ id: `${tx.write() + count} ${priceMinor}` }))
      },
    },
  })
  assert.deepEqual(
    declared.uses.map(({ name }) => name),
    ['catalog'],
  )
})

test('a query reads and cannot write, by type', () => {
  const declared = module(catalog, {
    tables: source,
    handlers: {
      product: async ({ sku }, ctx) => {
        ctx.db.read()
        // @ts-expect-error a query has no transaction
        void ctx.transaction
        return { sku, priceMinor: 1n }
      },
    },
  })
  assert.equal(declared.contract.name, 'catalog')
})

test('a failure narrows to its details, by type', () => {
  const error: unknown = catalog.failures.gone({ sku: 'A-1' })
  assert.ok(catalog.failures.gone.is(error))
  const sku: string = error.details.sku
  assert.equal(sku, 'A-1')
  assert.equal(error.code, 'CATALOG_GONE')
})

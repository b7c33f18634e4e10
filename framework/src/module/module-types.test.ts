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
declare const source: DataSource<{ read(): number }, { write(): number }>
module(stock, {
  uses: [catalog],
  tables: source,
  handlers: {
    reserve: async (input, ctx) => {
      const n: number = input.count
      const product = await ctx.call.catalog.product({ sku: 'a' })
      const price: bigint = product.priceMinor
      // @ts-expect-error an undeclared use
      ctx.call.orders
      // @ts-expect-error commands have no reader
      ctx.db
      try {
      } catch (error) {
        if (catalog.failures.gone.is(error)) {
          const sku: string = error.details.sku
          void sku
        }
      }
      return ctx.transaction(async (tx) => ({ id: String(tx.write() + n) + price }))
    },
  },
})
module(catalog, {
  tables: source,
  handlers: {
    product: async ({ sku }, ctx) => {
      ctx.db.read()
      // @ts-expect-error queries cannot write
      ctx.transaction
      return { sku, priceMinor: 1n }
    },
  },
})

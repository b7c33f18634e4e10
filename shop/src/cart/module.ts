import { module } from 'banyan/module'
import { catalog } from '../catalog/contract.ts'
import { canSum, multiplyMoney, sumMoney } from '../money/index.ts'
import { addLine, removeLine, setLine } from './change.ts'
import { findContents } from './contents.ts'
import { cart } from './contract.ts'
import { cartTables } from './rows.ts'

export const cartModule = module(cart, {
  uses: [catalog],
  tables: cartTables,
  handlers: {
    create: (_input, ctx) =>
      ctx.transaction(async (tx) => {
        const cartId = ctx.ids.next()
        const created_at = new Date(ctx.clock.nowMs())
        const customer_id = ctx.principal.subject
        await tx
          .insertInto('cart')
          .values({ id: cartId, customer_id, state: 'open', created_at })
          .execute()
        return { cartId }
      }),
    get: async ({ cartId }, ctx) => {
      const { isOpen, lines } = await findContents(ctx.db, cartId, ctx.principal.subject)
      if (lines.length === 0) return { cartId, isOpen, lines: [], total: sumMoney([], 'EUR') }
      const { prices } = await ctx.call.catalog.prices({ skus: lines.map(({ sku }) => sku) })
      const priced = prices.map((price, index) => ({ ...price, count: lines[index]?.count ?? 0 }))
      const subtotals = priced.map(({ price, count }) => multiplyMoney(price, count))
      if (!canSum(subtotals)) throw cart.failures.currenciesMixed({ cartId })
      const total = sumMoney(subtotals, subtotals[0]?.currency ?? 'EUR')
      return { cartId, isOpen, lines: priced, total }
    },
    contents: ({ cartId }, ctx) => findContents(ctx.db, cartId),
    addLine: async (input, ctx) => {
      const { sku } = input
      try {
        await ctx.call.catalog.product({ sku })
      } catch (error) {
        if (catalog.failures.productMissing.is(error)) throw cart.failures.productMissing({ sku })
        throw error
      }
      const customerId = ctx.principal.subject
      return ctx.transaction((tx) => addLine(tx, { ...input, customerId }))
    },
    setLine: (input, ctx) => {
      const customerId = ctx.principal.subject
      return ctx.transaction((tx) => setLine(tx, { ...input, customerId }))
    },
    removeLine: (input, ctx) => {
      const customerId = ctx.principal.subject
      return ctx.transaction((tx) => removeLine(tx, { ...input, customerId }))
    },
    close: ({ cartId }, ctx) =>
      ctx.transaction(async (tx) => {
        const closed = await tx
          .updateTable('cart')
          .set({ state: 'closed' })
          .where('id', '=', cartId)
          .returning('id')
          .executeTakeFirst()
        if (closed === undefined) throw cart.failures.cartMissing({ cartId })
        return { cartId }
      }),
  },
})

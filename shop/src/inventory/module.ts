import { module } from 'banyan/module'
import { catalog } from '../catalog/contract.ts'
import { inventory } from './contract.ts'
import { confirm, expireHolds, release } from './end-reservation.ts'
import { findReorderLevel, setReorderPoint } from './reorder-point.ts'
import { reserve } from './reserve.ts'
import type { Line } from './movement.ts'
import { inventoryTables } from './rows.ts'
import { findStock, receiveStock } from './stock.ts'

const expiredPerRunMax = 100
const seedUnits = 100
const seedReorderPoint = 20

export const inventoryModule = module(inventory, {
  uses: [catalog],
  tables: inventoryTables,
  handlers: {
    stock: async ({ sku }, ctx) => {
      const { available } = await findStock(ctx.db, sku)
      return { sku, available }
    },
    levels: ({ sku }, ctx) => findStock(ctx.db, sku),
    reorderPoint: async ({ sku }, ctx) => {
      const { available, reorder_point: reorderPoint } = await findReorderLevel(ctx.db, sku)
      return { sku, available, reorderPoint }
    },
    setReorderPoint: async ({ sku, reorderPoint }, ctx) => {
      const { available } = await ctx.transaction((tx) => setReorderPoint(tx, sku, reorderPoint))
      return { sku, available, reorderPoint }
    },
    receive: async ({ sku, count }, ctx) => {
      try {
        await ctx.call.catalog.product({ sku })
      } catch (error) {
        if (!catalog.failures.productMissing.is(error)) throw error
        throw inventory.failures.productMissing({ sku })
      }
      return ctx.transaction(async (tx) => {
        await receiveStock(tx, ctx, [{ sku, count }])
        return findStock(tx, sku)
      })
    },
    reserve: (input, ctx) => ctx.transaction((tx) => reserve(tx, ctx, input)),
    confirm: ({ reservationId }, ctx) => ctx.transaction((tx) => confirm(tx, ctx, reservationId)),
    release: ({ reservationId }, ctx) => ctx.transaction((tx) => release(tx, ctx, reservationId)),
  },
  schedules: {
    // Nearly every hold is confirmed within seconds. A delayed job per hold would be a row written and
    // deleted for each sale, to do nothing; one look a second at a partial index costs the same however much
    // is sold. And the time of a hold is this clock's, not the database's.
    expire: {
      every: '1s',
      run: async (ctx) => {
        const expired = await ctx.transaction((tx) => expireHolds(tx, ctx, expiredPerRunMax))
        if (expired > 0) ctx.log.info({ expired }, 'holds expired')
      },
    },
  },
  seed: async (ctx) => {
    const lines: Line[] = []
    let cursor: string | undefined
    do {
      const page = await ctx.call.catalog.search({ pageSize: 50, ...(cursor && { cursor }) })
      lines.push(...page.products.map(({ sku }) => ({ sku, count: seedUnits })))
      cursor = page.nextCursor
    } while (cursor !== undefined)
    await ctx.transaction(async (tx) => {
      const any = await tx.selectFrom('stock').select('sku').limit(1).executeTakeFirst()
      if (any !== undefined) return
      await receiveStock(tx, ctx, lines)
      await tx.updateTable('stock').set({ reorder_point: seedReorderPoint }).execute()
    })
  },
})

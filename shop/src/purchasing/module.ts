import { module } from 'banyan/module'
import { inventory } from '../inventory/contract.ts'
import { purchasingConfig } from './context.ts'
import { purchasing } from './contract.ts'
import { decide, deliver } from './order-state.ts'
import { proposeIfLow } from './propose.ts'
import { findPurchaseOrder, listPurchaseOrders, toPurchaseOrder } from './read.ts'
import { reorder } from './reorder-job.ts'
import { runReorder } from './reorder.ts'
import { purchasingTables } from './rows.ts'

export const purchasingModule = module(purchasing, {
  uses: [inventory],
  tables: purchasingTables,
  config: purchasingConfig,
  grants: ['mail'],
  handlers: {
    list: (page, { db }) => listPurchaseOrders(db, page),
    get: ({ purchaseOrderId }, { db }) => findPurchaseOrder(db, purchaseOrderId),
    approve: async ({ purchaseOrderId }, ctx) => {
      const choice = { purchaseOrderId, decision: 'approved' as const }
      return toPurchaseOrder(await ctx.transaction((tx) => decide(tx, ctx, choice)))
    },
    reject: async ({ purchaseOrderId }, ctx) => {
      const choice = { purchaseOrderId, decision: 'rejected' as const }
      return toPurchaseOrder(await ctx.transaction((tx) => decide(tx, ctx, choice)))
    },
    receive: async (delivery, ctx) =>
      toPurchaseOrder(await ctx.transaction((tx) => deliver(tx, ctx, delivery))),
  },
  messages: ({ on, perform, awaited }) => [
    on(inventory.events.ranLow, proposeIfLow),
    perform(reorder, runReorder),
    awaited(purchasing.events.decided),
    awaited(purchasing.events.delivered),
  ],
})

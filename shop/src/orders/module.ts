import { module } from 'banyan/module'
import { inventory } from '../inventory/contract.ts'
import { ledger } from '../ledger/contract.ts'
import { payments } from '../payments/contract.ts'
import { orders } from './contract.ts'
import { leaseEnd, ordersConfig, recoverOrders, tryGiveBack } from './give-back.ts'
import { placeOrder } from './place.ts'
import { findOrder, findReceipt, listOrders } from './read.ts'
import { ordersTables } from './rows.ts'
import { moveOrder } from './state.ts'

export const ordersModule = module(orders, {
  uses: [inventory, ledger, payments],
  tables: ordersTables,
  config: ordersConfig,
  handlers: {
    get: ({ orderId }, { db, principal }) => findOrder(db, orderId, ownerOnly(principal)),
    mine: (input, { db, principal }) => listOrders(db, principal.subject, input),
    receipt: ({ orderId }, { db }) => findReceipt(db, orderId),
    place: (input, ctx) => ctx.transaction((tx) => placeOrder(tx, ctx, input)),
    markPaid: ({ orderId }, ctx) =>
      ctx.transaction((tx) => moveOrder(tx, ctx, { orderId, to: 'paid' })),
    abandon: ({ orderId }, ctx) =>
      ctx.transaction(async (tx) => {
        try {
          await moveOrder(tx, ctx, { orderId, to: 'cancelled' })
        } catch (error) {
          if (!orders.failures.orderMissing.is(error)) throw error
        }
        return { orderId }
      }),
    advance: ({ orderId, to }, ctx) => ctx.transaction((tx) => moveOrder(tx, ctx, { orderId, to })),
    cancel: async ({ orderId }, ctx) => {
      const customerId = ownerOnly(ctx.principal)
      const dueAt = leaseEnd(ctx)
      const begun = await ctx.transaction((tx) =>
        moveOrder(tx, ctx, { orderId, to: 'cancelling', customerId, dueAt }),
      )
      return tryGiveBack(ctx, begun)
    },
    refund: async ({ orderId }, ctx) => {
      const dueAt = leaseEnd(ctx)
      const begun = await ctx.transaction((tx) =>
        moveOrder(tx, ctx, { orderId, to: 'refunding', dueAt }),
      )
      return tryGiveBack(ctx, begun)
    },
  },
  schedules: { recover: { every: '2s', run: recoverOrders } },
})

/** Clerks see every order; everybody else their own. */
function ownerOnly(principal: {
  readonly subject: string
  readonly roles: readonly string[]
}): string | undefined {
  return principal.roles.includes('clerk') ? undefined : principal.subject
}

/** The module behind the contract: the same handler as the peers'. It keeps nothing. */
import { module } from 'banyan/module'
import { priceOrder } from './order.ts'
import { orders } from './order-contract.ts'

export const ordersModule = module(orders, {
  handlers: { place: (order, ctx) => priceOrder(order, ctx.principal.subject) },
})

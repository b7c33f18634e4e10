/** The application of Banyan's subjects: `desk`, which runs in the client, calls `orders`, which runs in
 *  the server. The orders are those of the endpoint bench, as commands and as queries. */
import { command, contract, query } from 'banyan/contract'
import {
  type Application,
  type ContractCalls,
  application as declareApplication,
  module,
} from 'banyan/module'
import { z } from 'zod'
import { priceOrder } from '../../endpoint/order.ts'
import { orders as endpointOrders } from '../../endpoint/order-contract.ts'
import { delayed } from '../delay.ts'

const { input, output } = endpointOrders.operations.place
const order = { input, output, access: 'customer' } as const

export const orders = contract('orders', {
  operations: {
    place: command(order),
    placeSlowly: command(order),
    quote: query(order),
    quoteSlowly: query(order),
  },
})

const ordersModule = module(orders, {
  handlers: {
    place: (input, ctx) => priceOrder(input, ctx.principal.subject),
    placeSlowly: (input, ctx) => delayed(input, priceOrder(input, ctx.principal.subject)),
    quote: (input, ctx) => priceOrder(input, ctx.principal.subject),
    quoteSlowly: (input, ctx) => delayed(input, priceOrder(input, ctx.principal.subject)),
  },
})

/** How long the caller may hold its context open: the longest timeout a contract allows. */
const sessionMsMax = 600_000

export const desk = contract('desk', {
  operations: {
    session: command({
      input: z.object({}),
      output: z.object({}),
      access: 'public',
      timeout: sessionMsMax,
    }),
  },
})

export type OrderCalls = ContractCalls<typeof orders>

/** A handler of `desk` that runs until it is closed, and hands out its own `ctx.call.orders`. */
class Session {
  readonly #opened = Promise.withResolvers<OrderCalls>()
  readonly #closed = Promise.withResolvers<void>()

  /** What module code calls, once the handler runs. */
  get orders(): Promise<OrderCalls> {
    return this.#opened.promise
  }

  async hold(calls: OrderCalls): Promise<void> {
    this.#opened.resolve(calls)
    await this.#closed.promise
  }

  close(): void {
    this.#closed.resolve()
  }
}

/** The one session of this process. */
export const session = new Session()

const deskModule = module(desk, {
  uses: [orders],
  handlers: {
    session: async (_input, ctx) => {
      await session.hold(ctx.call.orders)
      return {}
    },
  },
})

/** The same on both sides; only where its modules run differs. */
export const application: Application = declareApplication('bench', {
  modules: [deskModule, ordersModule],
  roles: ['customer'],
})

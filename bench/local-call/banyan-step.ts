/** The rung of Banyan: one module calls another in the same process, with everything such a call
 *  has: input checked and copied, a child context with its deadline, a recorded span, output checked
 *  and copied, a counter and a latency histogram. */
import { compileCalls, createExternalCaller } from 'banyan/call'
import { command, contract } from 'banyan/contract'
import { createWorld } from 'banyan/kernel'
import { application, type ContractCalls, module } from 'banyan/module'
import { createMemorySink, createTelemetry } from 'banyan/telemetry'
import { z } from 'zod'
import { orders } from '../endpoint/order-contract.ts'
import { ordersModule } from '../endpoint/order-module.ts'
import type { Step } from './steps.ts'

/** How long one caller may hold its context open: the longest timeout a contract allows. */
export const sessionMsMax = 600_000

const desk = contract('desk', {
  operations: {
    session: command({
      input: z.object({}),
      output: z.object({}),
      access: 'public',
      timeout: sessionMsMax,
    }),
  },
})

type OrderCalls = ContractCalls<typeof orders>

/** Opens one call of `desk` whose handler hands out its own `ctx.call.orders`; the rung then calls
 *  `orders.place` from inside that handler, as module code does. */
export async function openBanyanStep(): Promise<Step> {
  const opened = Promise.withResolvers<OrderCalls>()
  const closed = Promise.withResolvers<void>()
  const deskModule = module(desk, {
    uses: [orders],
    handlers: {
      session: async (_input, ctx) => {
        opened.resolve(ctx.call.orders)
        await closed.promise
        return {}
      },
    },
  })
  const world = createWorld()
  const telemetry = createTelemetry({
    clock: world.clock,
    random: world.random,
    service: 'bench',
    sink: createMemorySink(),
  })
  const shop = application('bench', { modules: [deskModule, ordersModule], roles: ['customer'] })
  const calls = compileCalls(shop, {
    world,
    telemetry,
    configOf: () => ({}),
    storageOf: () => undefined,
  })
  const principal = { subject: 'user-1', roles: ['customer'] }
  const session = createExternalCaller(calls, { principal }).of(desk).session({})
  const ordersCalls = await Promise.race([opened.promise, session.then(() => opened.promise)])
  return {
    name: 'banyan',
    call: (order) => ordersCalls.place(order),
    [Symbol.asyncDispose]: async () => {
      closed.resolve()
      await session
    },
  }
}

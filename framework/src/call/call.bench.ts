/**
 * Micro benchmark, run by hand: `node --conditions=source framework/src/call/call.bench.ts`
 * What one module's call of another costs in one process, with an order of ten fields in and out:
 * checked copies both ways, context, deadline, span and record. Beside it, what is left without a
 * call, and a JSON round trip of the same order.
 */
import { z } from 'zod'
import { contract, query } from '../contract/index.ts'
import { createWorld, system } from '../kernel/index.ts'
import { application, module, type QueryContext } from '../module/index.ts'
import { createMemorySink, createTelemetry } from '../telemetry/index.ts'
import { compileCalls, runModuleWork } from './index.ts'

const orderSchema = z.object({
  id: z.string(),
  customerId: z.string(),
  status: z.enum(['open', 'paid', 'sent']),
  currency: z.string().length(3),
  totalMinor: z.bigint(),
  count: z.int().min(0),
  isGift: z.boolean(),
  note: z.string().optional(),
  placedAt: z.date(),
  address: z.object({ street: z.string(), city: z.string(), postcode: z.string() }),
})

const order: z.output<typeof orderSchema> = {
  ...{ id: 'o-1', customerId: 'c-1', status: 'open', currency: 'EUR', totalMinor: 12_990n },
  ...{ count: 3, isGift: false, note: 'by the door', placedAt: new Date(0) },
  address: { street: 'Hauptstraße 1', city: 'Berlin', postcode: '10115' },
}

const orders = contract('orders', {
  operations: { price: query({ input: orderSchema, output: orderSchema, access: 'internal' }) },
})
const shop = contract('shop', { operations: {} })

function compile() {
  const world = createWorld()
  const { clock, random } = world
  const telemetry = createTelemetry({ clock, random, service: 'bench', sink: createMemorySink() })
  const bench = application('bench', {
    modules: [
      module(shop, { uses: [orders], handlers: {} }),
      module(orders, { handlers: { price: (input) => input } }),
    ],
  })
  const options = { world, telemetry, configOf: () => ({}), storageOf: () => undefined }
  return { calls: compileCalls(bench, options), clock }
}

const { calls, clock } = compile()
const roundMs = 300

/** Median nanoseconds of one `run`, over rounds. */
async function measure(name: string, run: () => unknown): Promise<void> {
  const rounds: number[] = []
  for (let round = 0; round < 9; round++) {
    let count = 0
    const startMs = clock.monotonicMs()
    while (clock.monotonicMs() - startMs < roundMs) {
      for (let index = 0; index < 500; index++) await run()
      count += 500
    }
    rounds.push(((clock.monotonicMs() - startMs) * 1e6) / count)
  }
  rounds.sort((a, b) => a - b)
  const [fastest = 0] = rounds
  const median = rounds[4] ?? 0
  process.stdout.write(`${name.padEnd(28)} ${median.toFixed(0)} ns (best ${fastest.toFixed(0)})\n`)
}

await runModuleWork(calls, {
  ...{ module: 'shop', id: 'shop.schedules.bench', timeoutMs: 120_000 },
  async run(context) {
    const ctx = context as QueryContext<never, [typeof orders], unknown>
    if (ctx.principal !== system) throw new Error('not the platform’s own work')
    await measure('await of nothing', () => Promise.resolve())
    await measure('local call, 10 fields', () => ctx.call.orders.price(order))
    const plain = { ...order, totalMinor: String(order.totalMinor) }
    await measure('JSON there and back', () =>
      JSON.parse(JSON.stringify(JSON.parse(JSON.stringify(plain)))),
    )
  },
})

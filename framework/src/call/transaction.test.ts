import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { command, contract, query } from '../contract/index.ts'
import { createSeededRandom, createWorld, FakeClock } from '../kernel/index.ts'
import { application, module } from '../module/index.ts'
import { createMemorySink, createTelemetry } from '../telemetry/index.ts'
import { compileCalls, createExternalCaller, type ExternalCaller, type Storage } from './index.ts'

const input = z.object({})
const output = z.object({ attempts: z.int() })

const books = contract('books', {
  operations: { post: command({ input, output, access: 'internal' }) },
})
const sales = contract('sales', {
  operations: {
    sell: command({ input, output, access: 'public' }),
    nest: command({ input, output, access: 'public' }),
    look: query({ input, output, access: 'public' }),
  },
})

const source = { migrations: new URL('file:///sql/') }

/** Two modules over storage whose every transaction meets one conflict. */
function createShop(): { readonly caller: ExternalCaller; readonly keys: readonly string[] } {
  const clock = new FakeClock()
  const world = createWorld({ clock, random: createSeededRandom(1) })
  const keys: string[] = []
  const booksModule = module(books, {
    handlers: {
      post: (_input, ctx) => {
        keys.push(ctx.idempotencyKey ?? '')
        return { attempts: 1 }
      },
    },
  })
  const salesModule = module(sales, {
    uses: [books],
    tables: source,
    handlers: {
      sell: async (_input, ctx) => {
        let attempts = 0
        const work = async (): Promise<{ attempts: number }> => {
          attempts++
          await ctx.call.books.post({})
          return { attempts }
        }
        const both = [ctx.transaction(work), ctx.call.books.post({})]
        const [sold] = await Promise.all(both)
        return sold ?? { attempts: 0 }
      },
      nest: (_input, ctx) => ctx.transaction(() => ctx.transaction(async () => ({ attempts: 1 }))),
      // @ts-expect-error a query calls queries only, by type; here it tries to all the same
      look: (_input, ctx) => ctx.call.books.post({}),
    },
  })
  const storage: Storage = {
    reader: () => undefined,
    transaction: async (_context, work) => {
      await work(undefined as never)
      return work(undefined as never)
    },
  }
  const telemetry = createTelemetry({
    ...{ clock, random: world.random, service: 'test', sink: createMemorySink() },
  })
  const calls = compileCalls(application('test', { modules: [booksModule, salesModule] }), {
    ...{ world, telemetry, configOf: () => ({}), storageOf: () => storage },
  })
  return { caller: createExternalCaller(calls, { principal: { subject: 'ann', roles: [] } }), keys }
}

test('a transaction that runs again makes its calls under the keys of its first attempt', async () => {
  const { caller, keys } = createShop()
  const sold = await caller.of(sales).sell({}, { idempotencyKey: 'k1' })
  assert.equal(sold.attempts, 2)
  assert.equal(keys.length, 3)
  assert.equal(new Set(keys).size, 2, 'the call beside the transaction has a key of its own')
  await caller.of(sales).sell({}, { idempotencyKey: 'k1' })
  assert.equal(new Set(keys).size, 2)
})

test('a transaction inside a transaction is refused before it waits for a second connection', async () => {
  const { caller } = createShop()
  await assert.rejects(caller.of(sales).nest({}), { code: 'CALL_TRANSACTION_NESTED' })
})

test('a query that calls a command is refused: who repeats a GET must change nothing', async () => {
  const { caller, keys } = createShop()
  await assert.rejects(caller.of(sales).look({}), { code: 'CALL_COMMAND_REFUSED' })
  assert.deepEqual(keys, [])
})

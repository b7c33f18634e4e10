/** Banyan's jobs with all their meaning: input checked twice, a span, a deadline, retries, fencing.
 *  BENCH_MODE: `one` job per run, `batch`, or `transaction` (one of its own in each). */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createExternalCaller } from 'banyan/call'
import { command, contract } from 'banyan/contract'
import { tables } from 'banyan/data'
import { type Application, application, job, module } from 'banyan/module'
import { parseSettings, type Runtime, startRuntime } from 'banyan/runtime'
import * as z from 'zod'
import type { Contender, Engines } from './contender.ts'

const mode = process.env['BENCH_MODE'] ?? 'one'
const batchMax = 500
const fillMax = 1_000

const bench = contract('bench', {
  operations: {
    add: command({
      input: z.object({ atMs: z.number() }),
      output: z.object({ id: z.string() }),
      access: 'internal',
    }),
    fill: command({
      input: z.object({ count: z.int() }),
      output: z.object({}),
      access: 'internal',
      timeout: '60s',
    }),
    clear: command({
      input: z.object({}),
      output: z.object({}),
      access: 'internal',
      timeout: '60s',
    }),
  },
})

interface BenchRows {
  effect: { id: string; at_ms: number }
  banyan_message: { position: bigint }
}

const trivial = job('trivial', { input: z.object({ atMs: z.number() }) })
const batched = job('batched', { input: z.object({ atMs: z.number() }) })
const written = job('written', { input: z.object({ atMs: z.number() }) })
const measured = mode === 'batch' ? batched : mode === 'transaction' ? written : trivial

function benchApplication(done: (atMs: number) => void): Application {
  const benchModule = module(bench, {
    tables: tables<BenchRows>(new URL('./sql/', import.meta.url)),
    messages: ({ perform, performAll }) => [
      perform(trivial, async ({ atMs }) => done(atMs)),
      performAll(batched, batchMax, async (all) => {
        for (const { atMs } of all) done(atMs)
      }),
      perform(written, async ({ atMs }, ctx) => {
        await ctx.transaction(async (tx) => {
          await tx.insertInto('effect').values({ id: ctx.message.id, at_ms: atMs }).execute()
        })
        done(atMs)
      }),
    ],
    handlers: {
      add: async ({ atMs }, ctx) => ({ id: await ctx.enqueue(measured, { atMs }) }),
      fill: ({ count }, ctx) =>
        ctx.transaction(async (tx) => {
          for (let index = 0; index < count; index++) tx.enqueue(measured, { atMs: 0 })
          return {}
        }),
      clear: (_input, ctx) =>
        ctx.transaction(async (tx) => {
          await tx.deleteFrom('banyan_message').execute()
          return {}
        }),
    },
  })
  return application('bench', { modules: [benchModule] })
}

export async function open({ postgresUrl }: Engines): Promise<Contender> {
  const folder = mkdtempSync(join(tmpdir(), 'banyan-bench-jobs-'))
  let done: (atMs: number) => void = () => {}
  const declared = benchApplication((atMs) => done(atMs))
  const settings = parseSettings({
    DATABASE_URL: postgresUrl,
    BANYAN_FOLDER: folder,
    BANYAN_LOG_LEVEL: 'error',
    BANYAN_TOKEN_SECRET: 'a secret of the bench that everybody knows',
  })
  const start = (messages: boolean): Promise<Runtime> =>
    startRuntime({ application: declared, settings, listen: false, messages })
  const asker = await start(false)
  const caller = createExternalCaller(asker.instance.calls, { bypassAccess: true })
  let worker: Runtime | undefined
  return {
    add: (atMs) => caller.call('bench.add', { atMs }),
    async addMany(count) {
      const shares = Array.from({ length: Math.ceil(count / fillMax) }, (_, index) =>
        Math.min(fillMax, count - index * fillMax),
      )
      const lanes = Array.from({ length: 4 }, async () => {
        for (let share = shares.pop(); share !== undefined; share = shares.pop()) {
          await caller.call('bench.fill', { count: share })
        }
      })
      await Promise.all(lanes)
    },
    async work(seen) {
      done = seen
      worker ??= await start(true)
    },
    async clear() {
      await worker?.stop()
      worker = undefined
      await caller.call('bench.clear', {})
    },
    async close() {
      await worker?.stop()
      await asker.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** An application for the hard tests of messages: a module with one job of each kind, whose work each
 *  test gives, and one that hears of its events. Effects are rows, so that one that happens twice, or out
 *  of order, is seen. */
import * as z from 'zod'
import { command, contract, event } from '../contract/index.ts'
import { tables } from '../data/index.ts'
import {
  type Application,
  application,
  type EnqueueOptions,
  job,
  type Module,
  module,
  type Outbox,
} from '../module/index.ts'
import {
  type TestApplication,
  testApplication,
  type TestApplicationOptions,
} from '../testing/index.ts'

const Ask = z.object({
  job: z.string(),
  what: z.string(),
  key: z.string().optional(),
  delayMs: z.number().optional(),
  priority: z.int().optional(),
})
const Telling = z.object({ thing: z.string(), number: z.int() })

export const yard = contract('yard', {
  operations: {
    /** Enqueues, all in one transaction, or each by itself. */
    ask: command({
      input: z.object({ asks: z.array(Ask), apart: z.boolean().default(false) }),
      output: z.object({ ids: z.array(z.string()) }),
      access: 'public',
    }),
    /** Publishes, all in one transaction, and perhaps fails then. */
    tell: command({
      input: z.object({ things: z.array(Telling), fails: z.boolean().default(false) }),
      output: z.object({}),
      access: 'public',
    }),
    /** Does what must be refused. */
    misuse: command({
      input: z.object({ how: z.string() }),
      output: z.object({}),
      access: 'public',
    }),
  },
  events: {
    moved: event({ version: 1, payload: Telling, key: ({ thing }) => thing }),
  },
})

export const hall = contract('hall', {
  operations: {},
  events: { closed: event({ version: 1, payload: z.object({}), key: () => 'hall' }) },
})

export const what = z.object({ what: z.string() })
const quick = { attemptsMax: 3, retry: { firstMs: 10, maxMs: 20 } }
export const plain = job('plain', { input: what, ...quick })
export const keyed = job('keyed', {
  input: what.extend({ key: z.string() }),
  key: ({ key }) => key,
  ...quick,
})
export const unique = job('unique', { input: what, unique: (input) => input.what, ...quick })
export const narrow = job('narrow', { input: what, concurrencyMax: 2, ...quick })
export const rated = job('rated', { input: what, rate: { count: 5, perMs: 500 }, ...quick })
export const many = job('many', { input: what, ...quick })
const unknown = job('unknown', { input: what })
const jobs = { plain, keyed, unique, narrow, rated, many, unknown }

interface YardRows {
  effect: { position: bigint | undefined; job: string; what: string; by: string }
}
interface HallRows {
  heard: { position: bigint | undefined; thing: string; number: number; by: string }
}

/** What a run is given beside its input. */
export interface DeedContext {
  readonly message: { readonly id: string; readonly attempt: number }
  readonly signal: AbortSignal
  progress(fraction: number, note?: string): void
  /** Writes the effect, in a transaction of its own; `before` runs in it, in front of COMMIT. */
  effect(before?: () => Promise<unknown>): Promise<void>
}

/** What runs do in one test; without it they write their effect. */
export interface Deeds {
  /** Written with each effect. */
  readonly by?: string
  run?(job: string, what: string, ctx: DeedContext): Promise<unknown>
  many?(whats: readonly string[]): Promise<unknown>
  heard?(payload: { thing: string; number: number }, attempt: number): Promise<unknown>
}

export function yardApplication(deeds: Deeds = {}): Application {
  return application('works', { modules: [yardModule(deeds), hallModule(deeds)] })
}

function yardModule(deeds: Deeds): Module {
  const { by = 'here' } = deeds
  return module(yard, {
    tables: tables<YardRows>(new URL('./fixture-sql/yard/', import.meta.url)),
    messages: ({ perform, performAll }) => [
      ...[plain, unique, narrow, rated, keyed].map((declared) =>
        perform(declared, async (input, ctx) => {
          const effect = (before?: () => Promise<unknown>): Promise<void> =>
            ctx.transaction(async (tx) => {
              const row = { job: declared.name, what: input.what, by }
              await tx.insertInto('effect').values(row).execute()
              await before?.()
            })
          const { message, signal } = ctx
          const progress = ctx.progress.bind(ctx)
          const deed = { message, signal, progress, effect }
          if (deeds.run === undefined) await effect()
          else await deeds.run(declared.name, input.what, deed)
        }),
      ),
      performAll(many, 100, async (inputs) => deeds.many?.(inputs.map((input) => input.what))),
    ],
    handlers: {
      ask: async ({ asks, apart }, ctx) => {
        const given = asks.map(givenOf)
        if (apart) {
          const adding = given.map((one) => ctx.enqueue(one.declared, one.input, one.options))
          return { ids: await Promise.all(adding) }
        }
        return ctx.transaction(async (tx) => ({
          ids: given.map((one) => tx.enqueue(one.declared, one.input, one.options)),
        }))
      },
      tell: ({ things, fails }, ctx) =>
        ctx.transaction(async (tx) => {
          for (const thing of things) tx.publish(yard.events.moved, thing)
          if (fails) throw new Error('the yard is on fire')
          return {}
        }),
      misuse: ({ how }, ctx) =>
        ctx.transaction(async (tx) => {
          misuseOf(how, tx)
          return {}
        }),
    },
  })
}

function givenOf({ job: name, what, key = '', delayMs, priority }: z.output<typeof Ask>) {
  const options: EnqueueOptions = {
    ...(delayMs === undefined ? {} : { delayMs }),
    ...(priority === undefined ? {} : { priority }),
  }
  return { declared: jobs[name as keyof typeof jobs], input: { what, key }, options }
}

function misuseOf(how: string, tx: Outbox): void {
  const long = 'x'.repeat(how === 'large' ? 50 * 1024 * 1024 : 501)
  if (how === 'foreign') tx.publish(hall.events.closed, {})
  if (how === 'large') tx.enqueue(plain, { what: long })
  if (how === 'invalid') tx.enqueue(plain, { what: 7 } as never)
  if (how === 'invalid event') tx.publish(yard.events.moved, { thing: 'x' } as never)
  if (how === 'long key') tx.enqueue(keyed, { what: '', key: long })
  if (how === 'zero key') tx.enqueue(keyed, { what: '', key: 'a\0b' })
  if (how === 'long unique') tx.enqueue(unique, { what: long })
  if (how === 'delay') tx.enqueue(plain, { what: '' }, { delayMs: -1 })
  if (how === 'many') {
    for (let number = 0; number <= 10_000; number++) {
      tx.publish(yard.events.moved, { thing: 'x', number })
    }
  }
}

function hallModule(deeds: Deeds): Module {
  const { by = 'here' } = deeds
  return module(hall, {
    tables: tables<HallRows>(new URL('./fixture-sql/hall/', import.meta.url)),
    handlers: {},
    messages: ({ on }) => [
      on(
        yard.events.moved,
        async (payload, ctx) => {
          await deeds.heard?.(payload, ctx.message.attempt)
          await ctx.transaction(async (tx) => {
            await tx
              .insertInto('heard')
              .values({ ...payload, by })
              .execute()
          })
        },
        quick,
      ),
    ],
  })
}

/** The application under test, working on its messages; a second one with `database` of the first. */
export function openYard(
  deeds: Deeds = {},
  options: TestApplicationOptions = {},
): Promise<TestApplication> {
  return testApplication(yardApplication(deeds), { runner: 'inline', messages: true, ...options })
}

export type Asked = z.input<typeof Ask>

export async function ask(app: TestApplication, ...asks: readonly Asked[]): Promise<string[]> {
  const answer = (await app.operator.call('yard.ask', { asks })) as { ids: string[] }
  return answer.ids
}

export async function tell(
  app: TestApplication,
  ...things: readonly z.input<typeof Telling>[]
): Promise<void> {
  await app.operator.call('yard.tell', { things })
}

export type Row = Record<string, unknown>

/** What the rows say, to the owner of the database. */
export async function rowsOf(app: TestApplication, text: string): Promise<Row[]> {
  const connection = await app.server.connect()
  try {
    return await new Promise<Row[]>((resolve, reject) => {
      connection.send({
        ...{ text, name: undefined, isScript: true, values: [] },
        succeed: ({ rows }) => resolve(rows),
        fail: (problem) => reject(new Error(problem.message)),
      })
    })
  } finally {
    await connection.close()
  }
}

/** What an operator's change says to all workers. */
export const wakeAll = "select pg_notify('banyan_messages', 'operator *')"

/** Effects of jobs in the order of their commits' positions: `plain a`. */
export async function effectsOf(app: TestApplication): Promise<string[]> {
  const rows = await rowsOf(app, 'select job, what from yard.effect order by position')
  return rows.map((row) => `${String(row['job'])} ${String(row['what'])}`)
}

/** States of what is left of the yard's jobs, by what they are about. */
export async function statesOf(app: TestApplication): Promise<Record<string, number>> {
  const rows = await rowsOf(
    app,
    "select payload::jsonb ->> 'what' as what, state from yard.banyan_message order by position",
  )
  return Object.fromEntries(rows.map((row) => [String(row['what']), Number(row['state'])]))
}

export async function until(
  isTrue: () => boolean | Promise<boolean>,
  deadlineMs: number = 10_000,
): Promise<void> {
  const endMs = performance.now() + deadlineMs
  while (!(await isTrue())) {
    if (performance.now() > endMs) throw new Error('it did not become true')
    await pause(5)
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms))
}

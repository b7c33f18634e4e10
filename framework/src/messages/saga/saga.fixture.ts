/** A module with a saga, whose code each test gives, and one that it calls. Both write down every effect, so
 *  that one that happens twice is seen. */
import assert from 'node:assert/strict'
import * as z from 'zod'
import { command, contract, event } from '../../contract/index.ts'
import { tables, type TableReader, type TableWriter } from '../../data/index.ts'
import {
  type Application,
  application,
  type DataSource,
  job,
  type MessageContext,
  module,
} from '../../module/index.ts'
import type { TestApplication } from '../../testing/index.ts'

interface Rows {
  entry: { position: bigint | undefined; trip: string; what: string }
}
type Source = DataSource<TableReader<Rows>, TableWriter<Rows>>

export const bank = contract('bank', {
  operations: {
    pay: command({
      input: z.object({ trip: z.string(), what: z.string() }),
      output: z.object({ receipt: z.string() }),
      access: 'internal',
    }),
  },
})

export const trips = contract('trips', {
  operations: {
    start: command({
      input: z.object({ trip: z.string() }),
      output: z.object({ id: z.string() }),
      access: 'public',
    }),
    approve: command({
      input: z.object({ trip: z.string(), by: z.string() }),
      output: z.object({}),
      access: 'public',
    }),
  },
  events: {
    approved: event({
      version: 1,
      payload: z.object({ trip: z.string(), by: z.string(), at: z.date() }),
      key: ({ trip }) => trip,
    }),
    noticed: event({
      version: 1,
      payload: z.object({ trip: z.string() }),
      key: ({ trip }) => trip,
    }),
  },
})

export const bookOptions = {
  input: z.object({ trip: z.string() }),
  attemptsMax: 3,
  retry: { firstMs: 2, maxMs: 4 },
} as const
export const book = job('book', bookOptions)

/** Worked on in batches. */
export const settle = job('settle', { input: bookOptions.input })

export type BookContext = MessageContext<Source, readonly [typeof bank], Record<never, never>>
export type Book = (input: { readonly trip: string }, ctx: BookContext) => Promise<unknown>

export interface AgencyOptions {
  readonly version?: number
  readonly versions?: Readonly<Record<number, Book>>
  readonly attemptsMax?: number
  readonly timeout?: number
  /** What is done about batches of the job `settle`. */
  readonly settleAll?: (
    inputs: readonly { readonly trip: string }[],
    ctx: BookContext,
  ) => Promise<unknown>
}

/** The application whose saga does what `run` says. */
export function agency(run: Book, options: AgencyOptions = {}): Application {
  const { version = 1, versions = {}, attemptsMax = 3, timeout = 30_000 } = options
  const booked = job('book', { ...bookOptions, version, attemptsMax, timeout })
  const bankModule = module(bank, {
    tables: tables<Rows>(new URL('./fixture-sql/bank/', import.meta.url)),
    handlers: {
      pay: ({ trip, what }, ctx) =>
        ctx.transaction(async (tx) => {
          await tx.insertInto('entry').values({ trip, what }).execute()
          return { receipt: ctx.ids.next() }
        }),
    },
  })
  const tripsModule = module(trips, {
    uses: [bank],
    tables: tables<Rows>(new URL('./fixture-sql/trip/', import.meta.url)),
    messages: ({ perform, performAll, awaited, on }) => [
      perform(booked, run, { versions }),
      performAll(settle, 10, options.settleAll ?? (async () => {})),
      awaited(trips.events.approved),
      on(trips.events.noticed, async () => {}),
    ],
    handlers: {
      start: async (input, ctx) => ({ id: await ctx.enqueue(booked, input) }),
      approve: ({ trip, by }, ctx) =>
        ctx.transaction(async (tx) => {
          tx.publish(trips.events.approved, { trip, by, at: new Date(0) })
          return {}
        }),
    },
  })
  return application('agency', { modules: [bankModule, tripsModule] })
}

/** Five steps: those with odd numbers write in the module's own tables, the others in the bank's. All can
 *  be undone. */
export async function fiveSteps(input: { readonly trip: string }, ctx: BookContext): Promise<void> {
  for (const number of [1, 2, 3, 4, 5]) {
    const effect = number % 2 === 1 ? enter : pay
    await ctx.step(`s${number}`, () => effect(ctx, input.trip, `do ${number}`), {
      undo: async () => void (await effect(ctx, input.trip, `undo ${number}`)),
    })
  }
}

/** An effect in the module's own tables. */
export function enter(ctx: BookContext, trip: string, what: string): Promise<string> {
  return ctx.transaction(async (tx) => {
    await tx.insertInto('entry').values({ trip, what }).execute()
    return ctx.ids.next()
  })
}

/** An effect in the tables of the bank. */
export async function pay(ctx: BookContext, trip: string, what: string): Promise<string> {
  const { receipt } = await ctx.call.bank.pay({ trip, what })
  return receipt
}

export async function start(app: TestApplication, trip: string): Promise<{ readonly id: string }> {
  return (await app.operator.call('trips.start', { trip })) as { readonly id: string }
}

export function approve(app: TestApplication, trip: string, by: string): Promise<unknown> {
  return app.operator.call('trips.approve', { trip, by })
}

/** All effects, in both modules, in order of their names. */
export async function effects(app: TestApplication, trip?: string): Promise<readonly string[]> {
  const rows = await query(
    app,
    `select trip, what from trips.entry union all select trip, what from bank.entry`,
  )
  return rows
    .filter((row) => trip === undefined || row['trip'] === trip)
    .map(({ what }) => String(what))
    .sort()
}

export async function sagas(
  app: TestApplication,
): Promise<readonly { readonly state: number; readonly problem: Problem | undefined }[]> {
  const rows = await query(app, 'select state, problem from trips.banyan_message order by position')
  return rows.map(({ state, problem }) => ({
    state: Number(state),
    problem: typeof problem === 'string' ? (JSON.parse(problem) as Problem) : undefined,
  }))
}

export interface Problem {
  readonly code: string
  readonly message: string
  readonly compensation?: string
  readonly undo?: Problem
}

/** Waits until the states of all sagas are these. */
export async function untilStates(
  app: TestApplication,
  states: readonly number[],
  ms: number = 8_000,
): Promise<void> {
  const endMs = performance.now() + ms
  for (;;) {
    const found = (await sagas(app)).map(({ state }) => state)
    if (JSON.stringify(found) === JSON.stringify(states)) return
    if (performance.now() > endMs) assert.deepEqual(found, states)
    await pause(10)
  }
}

/** Waits until a query gives so many rows. */
export async function untilRows(app: TestApplication, text: string, count: number): Promise<void> {
  const endMs = performance.now() + 8_000
  for (;;) {
    const { length } = await query(app, text)
    if (length === count) return
    if (performance.now() > endMs) assert.equal(length, count, text)
    await pause(5)
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise<void>((resolve) => void setTimeout(resolve, ms))
}

/** Rows of any module, behind the modules' backs. */
export async function query(
  app: TestApplication,
  text: string,
  values: readonly unknown[] = [],
): Promise<Record<string, unknown>[]> {
  const connection = await app.server.connect()
  try {
    return await new Promise((resolve, reject) => {
      connection.send({
        ...{ text, name: undefined, isScript: false, values },
        succeed: ({ rows }) => resolve(rows),
        fail: (problem) => reject(new Error(problem.message)),
      })
    })
  } finally {
    await connection.close()
  }
}

/** A small application with events and jobs, for the tests of messages. */
import * as z from 'zod'
import { command, contract, event } from '../contract/index.ts'
import { tables } from '../data/index.ts'
import { type Application, application, job, module } from '../module/index.ts'

export const shelf = contract('shelf', {
  operations: {
    put: command({
      input: z.object({ title: z.string(), tell: z.boolean().default(true) }),
      output: z.object({ id: z.string() }),
      access: 'public',
    }),
    ask: command({
      input: z.object({ what: z.string(), count: z.int().default(1), delayMs: z.int().default(0) }),
      output: z.object({ ids: z.array(z.string()) }),
      access: 'public',
    }),
  },
  events: {
    added: event({
      version: 1,
      payload: z.object({ title: z.string(), number: z.int() }),
      key: ({ title }) => title,
    }),
  },
})

export const reader = contract('reader', { operations: {} })

interface ShelfRows {
  book: { number: number | undefined; title: string }
}
interface ReaderRows {
  read: { position: bigint | undefined; title: string; number: number }
}

export const note = job('note', {
  input: z.object({ what: z.string() }),
  attemptsMax: 3,
  retry: { firstMs: 10, maxMs: 20 },
})
export const once = job('once', {
  input: z.object({ what: z.string() }),
  unique: ({ what }) => what,
})
export const many = job('many', { input: z.object({ what: z.string() }) })

/** What the jobs do in one test. */
export interface Deeds {
  note?(input: { what: string }, attempt: number, ctx: never): Promise<unknown>
  many?(inputs: readonly { what: string }[]): Promise<unknown>
  read?(payload: { title: string; number: number }): Promise<unknown>
}

/** Two modules: one says and does, the other hears. */
export function library(deeds: Deeds = {}): Application {
  const shelfModule = module(shelf, {
    tables: tables<ShelfRows>(new URL('./fixture-sql/shelf/', import.meta.url)),
    messages: ({ perform, performAll }) => [
      perform(note, async (input, ctx) => {
        await deeds.note?.(input, ctx.message.attempt, ctx as never)
      }),
      perform(once, async () => {}),
      performAll(many, 100, async (inputs) => deeds.many?.(inputs)),
    ],
    handlers: {
      put: async ({ title, tell }, ctx) =>
        ctx.transaction(async (tx) => {
          const { number } = await tx
            .insertInto('book')
            .values({ title })
            .returning('number')
            .executeTakeFirstOrThrow()
          if (tell) tx.publish(shelf.events.added, { title, number: Number(number) })
          return { id: String(number) }
        }),
      ask: async ({ what, count, delayMs }, ctx) => {
        const ids: string[] = []
        for (let index = 0; index < count; index++) {
          ids.push(await ctx.enqueue(note, { what: `${what}${index}` }, { delayMs }))
        }
        return { ids }
      },
    },
  })
  const readerModule = module(reader, {
    tables: tables<ReaderRows>(new URL('./fixture-sql/reader/', import.meta.url)),
    handlers: {},
    messages: ({ on }) => [
      on(shelf.events.added, async (payload, ctx) => {
        await deeds.read?.(payload)
        await ctx.transaction(async (tx) => {
          await tx.insertInto('read').values(payload).execute()
        })
      }),
    ],
  })
  return application('library', { modules: [shelfModule, readerModule] })
}

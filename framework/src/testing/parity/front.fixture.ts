import type { Generated } from 'kysely'
import { tables } from '../../data/index.ts'
import type { BanyanError } from '../../kernel/index.ts'
import { type Module, module } from '../../module/index.ts'
import { front, middle, store, stranger } from './contracts.fixture.ts'
import type { Observed } from './observed.fixture.ts'
import { seenOf } from './store.fixture.ts'

interface Rows {
  note: { number: Generated<bigint>; label: string }
}

/** The module between `front` and `store`. */
export function middleModule(): Module {
  return module(middle, {
    uses: [store],
    handlers: {
      waitLong: (input, ctx) => ctx.call.store.waitLong(input),
      see: (input, ctx) => ctx.call.store.see(input),
      write: (input, ctx) => ctx.call.store.write(input),
    },
  })
}

export function strangerModule(): Module {
  return module(stranger, { handlers: { ask: () => ({ value: 'asked' }) } })
}

/** The module that calls the others. */
export function frontModule(observed: Observed): Module {
  return module(front, {
    uses: [store, middle],
    tables: tables<Rows>(new URL('./front-sql/', import.meta.url)),
    handlers: {
      echo: (input, ctx) => ctx.call.store.echo(input),
      write: (input, ctx) => ctx.call.store.write(input),
      writeDeep: (input, ctx) => ctx.call.middle.write(input),
      async writeTwice(input, ctx) {
        return [await ctx.call.store.write(input), await ctx.call.store.write(input)]
      },
      async writeKeyed(input, ctx) {
        const idempotencyKey = `nested key of ${input.label}`
        const write = () => ctx.call.store.write(input, { idempotencyKey })
        return [await write(), await write()]
      },
      writeInTransaction: (input, ctx) =>
        ctx.transaction(async (tx) => {
          await tx.insertInto('note').values({ label: input.label }).execute()
          return ctx.call.store.write(input)
        }),
      async end(input, ctx) {
        const error = await ctx.call.store.end(input).catch((thrown: unknown) => thrown)
        if (store.failures.soldOut.is(error)) observed.note(input.label, detailsText(error.details))
        return caughtOf(error)
      },
      async endUncaught(input, ctx) {
        await ctx.call.store.end(input)
        return { value: 'no error' }
      },
      async waitBrief(input, ctx) {
        const waited = ctx.call.store.waitLong(input, { timeoutMs: 500 })
        return caughtOf(await waited.catch((thrown: unknown) => thrown))
      },
      waitShort: (input, ctx) => ctx.call.store.waitLong(input),
      waitDeep: (input, ctx) => ctx.call.middle.waitLong(input),
      async see(input, ctx) {
        const own = seenOf(ctx)
        const deep = await ctx.call.middle.see(input)
        return [own, await ctx.call.store.see(input, { timeoutMs: 1_000 }), deep]
      },
      seeCommand: (input, ctx) => ctx.call.store.seeCommand(input),
      async writeFromQuery(input, ctx) {
        const writing = ctx.call.store as Partial<Writing>
        await writing.write?.(input)
        return { value: 'written' }
      },
      async callStranger(_input, ctx) {
        const { stranger: undeclared } = ctx.call as { stranger?: Asking }
        return (await undeclared?.ask({})) ?? { value: 'no stranger' }
      },
      async passInvalid(_input, ctx) {
        return caughtOf(
          await ctx.call.store.strict({ count: 0 }).catch((thrown: unknown) => thrown),
        )
      },
      callInside: (_input, ctx) => ctx.call.store.inside({}),
    },
  })
}

/** What the types of a query hide. */
interface Writing {
  write(input: { label: string }): Promise<unknown>
}

interface Asking {
  ask(input: object): Promise<{ value: string }>
}

function caughtOf(error: unknown): { code: string; kind: string; message: string } {
  const { code = 'none', kind = 'none', message = '' } = error as Partial<BanyanError>
  return { code, kind, message }
}

/** Details as one text that shows every type. */
export function detailsText(details: object): string {
  return Object.entries(details)
    .map(([name, value]) => `${name}: ${valueText(value)}`)
    .join('; ')
}

function valueText(value: unknown): string {
  if (value instanceof Date) return `Date ${value.toISOString()}`
  if (value instanceof Map)
    return `Map ${[...value].map(([key, own]) => `${key}=${valueText(own)}`).join()}`
  if (value instanceof Set) return `Set ${[...value].join()}`
  if (value instanceof Uint8Array) return `bytes ${[...value].join()}`
  return `${typeof value} ${String(value)}`
}

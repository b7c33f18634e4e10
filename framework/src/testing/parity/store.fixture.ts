import type { Generated } from 'kysely'
import { tables } from '../../data/index.ts'
import type { BanyanError } from '../../kernel/index.ts'
import { type BaseContext, type Module, module } from '../../module/index.ts'
import { type Seen, store } from './contracts.fixture.ts'
import { endAs } from './endings.fixture.ts'
import type { Observed } from './observed.fixture.ts'

interface Rows {
  effect: { number: Generated<bigint>; label: string; at: Date }
}

interface Wait {
  readonly label: string
  readonly waitMs: number
  readonly isDeaf: boolean
}

/** The module that does things. */
export function storeModule(observed: Observed): Module {
  const see = (label: string, ctx: BaseContext<unknown>): Seen => {
    observed.note(label, 'seen')
    return seenOf(ctx)
  }
  const wait = (input: Wait, ctx: BaseContext<unknown>): Promise<{ value: string }> =>
    waitFor(input, ctx, (fact) => observed.note(input.label, fact))
  return module(store, {
    tables: tables<Rows>(new URL('./store-sql/', import.meta.url)),
    handlers: {
      echo: (input) => input,
      keep: (input, ctx) => ctx.transaction(async () => input),
      write: ({ label }, ctx) =>
        ctx.transaction(async (tx) => {
          const at = new Date(ctx.clock.nowMs())
          const { number } = await tx
            .insertInto('effect')
            .values({ label, at })
            .returning('number')
            .executeTakeFirstOrThrow()
          return { number, at }
        }),
      count: async ({ label }, ctx) => {
        const rows = await ctx.db
          .selectFrom('effect')
          .select('number')
          .where('label', '=', label)
          .execute()
        return { count: rows.length }
      },
      end: endAs,
      endCommand: endAs,
      wait,
      waitCommand: wait,
      waitLong: wait,
      strict: ({ count }) => ({ value: `${count}` }),
      weigh: ({ text, answerLength }) => ({
        inputLength: text.length,
        text: 'a'.repeat(answerLength),
      }),
      record: (input, ctx) => ctx.transaction(async () => input),
      see: ({ label }, ctx) => see(label, ctx),
      seeCommand: ({ label }, ctx) => see(label, ctx),
      inside: () => ({ value: 'inside' }),
      members: () => ({ value: 'member' }),
    },
    schedules: {
      tick: {
        every: '1h',
        run: (ctx) =>
          ctx.transaction(async (tx) => {
            const at = new Date(ctx.clock.nowMs())
            await tx.insertInto('effect').values({ label: 'tick', at }).execute()
          }),
      },
    },
  })
}

/** What a handler can see of its request. */
export function seenOf(ctx: BaseContext<unknown>): Seen {
  const { principal, trace, idempotencyKey, remainingMs } = ctx
  return {
    subject: principal.subject,
    roles: [...principal.roles],
    traceId: trace.traceId,
    criticality: 'criticality' in ctx ? String(ctx.criticality) : '',
    hasKey: idempotencyKey !== undefined,
    remainingMs,
  }
}

/** Waits, and says what became of its signal; a deaf handler does not end when the signal fires. */
function waitFor(
  { waitMs, isDeaf }: Wait,
  { signal, clock }: BaseContext<unknown>,
  note: (fact: string) => void,
): Promise<{ value: string }> {
  note('begun')
  return new Promise((resolve, reject) => {
    const timer = clock.after(waitMs, () => resolve({ value: 'waited' }))
    signal.addEventListener('abort', () => {
      const { kind, code } = signal.reason as BanyanError
      note(`aborted: ${kind}`)
      note(`reason: ${code}`)
      if (isDeaf) return
      timer.stop()
      reject(signal.reason as BanyanError)
    })
  })
}

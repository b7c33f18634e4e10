import type { TableReader, TableWriter } from 'banyan/data'
import { cron, job, type MessageContext } from 'banyan/module'
import { sql } from 'kysely'
import { z } from 'zod'
import type { Currency } from '../money/index.ts'
import type { payments } from '../payments/contract.ts'
import type { ReconciledLine } from './contract.ts'
import type { LedgerRows, ledgerTables } from './rows.ts'

export type LedgerContext = MessageContext<typeof ledgerTables, readonly [typeof payments], unknown>

/** A sale that is captured and not booked yet is a difference for a moment: so often is looked. */
const looksMax = 3
const lookAgainMs = 600_000

/** Compares the books with the provider, and keeps what was found. */
export const reconcileDay = job('reconcileDay', {
  input: z.object({ day: z.iso.date(), look: z.int().min(1).default(1) }),
  timeout: '1m',
  concurrencyMax: 1,
})

export const nightlyReconciliation = cron('0 4 * * *', {
  timeZone: 'Europe/Berlin',
  missed: 'once',
  enqueue: reconcileDay,
  input: ({ day }) => ({ day }),
})

/** One look. A difference is looked at again later; the last one that stays is an error in the log.
 *  @throws PAYMENTS_PROVIDER_UNRESOLVED (the job is tried again) */
export async function reconcile(
  { day, look }: z.output<typeof reconcileDay.input>,
  ctx: LedgerContext,
): Promise<void> {
  const { provider } = await ctx.call.payments.reconcile({})
  const lines = await ctx.transaction(async (tx) => {
    const found = joinTotals(await bookedTotals(tx), provider)
    await keep(tx, { day, look, lookedAt: new Date(ctx.clock.nowMs()), lines: found })
    if (!isEqual(found) && look < looksMax) {
      tx.enqueue(reconcileDay, { day, look: look + 1 }, { delayMs: lookAgainMs })
    }
    return found
  })
  if (isEqual(lines)) return
  const differences = lines.filter((line) => !isEqual([line])).map(textOf)
  if (look < looksMax) ctx.log.warn({ day, look, differences }, 'books and provider differ so far')
  else ctx.log.error({ day, look, differences }, 'books and provider differ')
}

/** What was found on a day, or undefined. */
export async function findReconciliation(
  db: TableReader<LedgerRows>,
  day: string,
): Promise<
  { lookedAt: Date; look: number; isEqual: boolean; lines: ReconciledLine[] } | undefined
> {
  const found = await db
    .selectFrom('reconciliation')
    .select(['looked_at', 'look', 'is_equal'])
    .where('day', '=', day)
    .executeTakeFirst()
  if (found === undefined) return undefined
  const rows = await db
    .selectFrom('reconciliation_line')
    .selectAll()
    .where('day', '=', day)
    .orderBy('currency')
    .execute()
  const lines = rows.map((row) => ({
    currency: row.currency,
    booked: { capturedMinor: row.booked_captured_minor, refundedMinor: row.booked_refunded_minor },
    provider: {
      capturedMinor: row.provider_captured_minor,
      refundedMinor: row.provider_refunded_minor,
    },
  }))
  return { lookedAt: found.looked_at, look: found.look, isEqual: found.is_equal, lines }
}

interface Totals {
  readonly currency: Currency
  readonly capturedMinor: bigint
  readonly refundedMinor: bigint
}

/** What the books say was captured and paid back. Plan: posting_of_account, index only. */
async function bookedTotals(tx: TableWriter<LedgerRows>): Promise<Totals[]> {
  const sum = (account: 'sales' | 'refunds', sign: 1 | -1) =>
    sql<bigint>`coalesce(sum(amount_minor) filter (where account = ${account}), 0)::int8 * ${sql.lit(sign)}`
  return tx
    .selectFrom('posting')
    .select([
      'currency',
      sum('sales', -1).as('capturedMinor'),
      sum('refunds', 1).as('refundedMinor'),
    ])
    .where('account', 'in', ['sales', 'refunds'])
    .groupBy('currency')
    .execute()
}

/** Both sides by currency; a side that knows nothing of one has zeros there. */
export function joinTotals(
  booked: readonly Totals[],
  provider: readonly Totals[],
): readonly ReconciledLine[] {
  const currencies = [...new Set([...booked, ...provider].map(({ currency }) => currency))].sort()
  const of = (totals: readonly Totals[], wanted: Currency): ReconciledLine['booked'] => {
    const { capturedMinor = 0n, refundedMinor = 0n } =
      totals.find(({ currency }) => currency === wanted) ?? {}
    return { capturedMinor, refundedMinor }
  }
  return currencies.map((currency) => ({
    currency,
    booked: of(booked, currency),
    provider: of(provider, currency),
  }))
}

export function isEqual(lines: readonly ReconciledLine[]): boolean {
  return lines.every(
    ({ booked, provider }) =>
      booked.capturedMinor === provider.capturedMinor &&
      booked.refundedMinor === provider.refundedMinor,
  )
}

function textOf({ currency, booked, provider }: ReconciledLine): string {
  const side = (sums: ReconciledLine['booked']): string =>
    `${sums.capturedMinor} - ${sums.refundedMinor}`
  return `${currency}: booked ${side(booked)}, provider ${side(provider)}`
}

async function keep(
  tx: TableWriter<LedgerRows>,
  report: {
    readonly day: string
    readonly look: number
    readonly lookedAt: Date
    readonly lines: readonly ReconciledLine[]
  },
): Promise<void> {
  const { day, look, lookedAt, lines } = report
  const row = { looked_at: lookedAt, look, is_equal: isEqual(lines) }
  await tx
    .insertInto('reconciliation')
    .values({ day, ...row })
    .onConflict((conflict) => conflict.column('day').doUpdateSet(row))
    .execute()
  await tx.deleteFrom('reconciliation_line').where('day', '=', day).execute()
  if (lines.length === 0) return
  const rows = lines.map(({ currency, booked, provider }) => ({
    ...{ day, currency },
    booked_captured_minor: booked.capturedMinor,
    booked_refunded_minor: booked.refundedMinor,
    provider_captured_minor: provider.capturedMinor,
    provider_refunded_minor: provider.refundedMinor,
  }))
  await tx.insertInto('reconciliation_line').values(rows).execute()
}

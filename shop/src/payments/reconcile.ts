import type { TableReader } from 'banyan/data'
import { sql } from 'kysely'
import { z } from 'zod'
import { type Currency, currencySchema } from '../money/index.ts'
import type { ProviderContext } from './context.ts'
import { payments } from './contract.ts'
import type { PaymentsRows } from './rows.ts'

/** Money that moved, in minor units of one currency. */
export interface Totals {
  readonly currency: Currency
  readonly capturedMinor: bigint
  readonly refundedMinor: bigint
}

const minor = z
  .string()
  .regex(/^\d{1,18}$/)
  .transform(BigInt)
const answerSchema = z.object({
  totals: z.array(
    z.object({ currency: currencySchema, capturedMinor: minor, refundedMinor: minor }),
  ),
})

/** Our side of it. Plan: payment_of_state, index only. */
export async function ownTotals(db: TableReader<PaymentsRows>): Promise<Totals[]> {
  const rows = await db
    .selectFrom('payment')
    .select([
      'currency',
      sql<bigint>`sum(amount_minor)::int8`.as('captured'),
      sql<bigint>`coalesce(sum(amount_minor) filter (where state = 'refunded'), 0)::int8`.as(
        'refunded',
      ),
    ])
    .where('state', 'in', ['captured', 'refunding', 'refunded'])
    .groupBy('currency')
    .execute()
  return rows.flatMap(({ currency, captured, refunded }) =>
    currency === null ? [] : [{ currency, capturedMinor: captured, refundedMinor: refunded }],
  )
}

/** The provider's side of it. @throws PAYMENTS_PROVIDER_UNRESOLVED */
export async function providerTotals(ctx: ProviderContext): Promise<Totals[]> {
  const response = await ctx.fetch(`${ctx.config.pspUrl}/totals`, {
    headers: { authorization: `Bearer ${ctx.config.pspSecret}` },
  })
  const answer = answerSchema.safeParse(await response.json())
  if (!answer.success) {
    const cause = `status ${response.status}`
    throw payments.failures.providerUnresolved({ paymentId: '', cause })
  }
  return answer.data.totals
}

/** Whether both sides agree; a currency in which nothing moved counts as absent. */
export function equalTotals(own: readonly Totals[], provider: readonly Totals[]): boolean {
  const textOf = (totals: readonly Totals[]): string =>
    totals
      .filter(({ capturedMinor, refundedMinor }) => capturedMinor !== 0n || refundedMinor !== 0n)
      .map((sum) => `${sum.currency} ${sum.capturedMinor} ${sum.refundedMinor}`)
      .sort()
      .join('\n')
  return textOf(own) === textOf(provider)
}

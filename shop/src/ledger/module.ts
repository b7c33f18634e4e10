import type { TableReader } from 'banyan/data'
import { module } from 'banyan/module'
import { sql } from 'kysely'
import type { Money } from '../money/index.ts'
import { payments } from '../payments/contract.ts'
import { ledger, type Posting } from './contract.ts'
import { findEntry, post } from './post.ts'
import { findReconciliation, nightlyReconciliation, reconcile, reconcileDay } from './reconcile.ts'
import { type LedgerRows, ledgerTables } from './rows.ts'

export const ledgerModule = module(ledger, {
  uses: [payments],
  tables: ledgerTables,
  handlers: {
    post: (input, ctx) => ctx.transaction((tx) => post(tx, ctx, input)),
    entry: async (key, ctx) => {
      const found = await findEntry(ctx.db, key)
      if (found === undefined) throw ledger.failures.entryMissing(key)
      return { ...key, ...found }
    },
    balance: async ({ account }, ctx) => ({ balances: await addUp(ctx.db, account) }),
    trialBalance: async (_input, ctx) => ({ balances: await addUp(ctx.db) }),
    reconciliation: async ({ day }, ctx) => {
      const found = await findReconciliation(ctx.db, day)
      if (found === undefined) throw ledger.failures.reconciliationMissing({ day })
      return found
    },
  },
  messages: ({ perform }) => [perform(reconcileDay, reconcile)],
  crons: { nightly: nightlyReconciliation },
})

/** Sums per account and currency. Plan: posting_of_account, index only. */
async function addUp(
  db: TableReader<LedgerRows>,
  account?: Posting['account'],
): Promise<{ account: Posting['account']; balance: Money }[]> {
  let query = db
    .selectFrom('posting')
    .select(['account', 'currency', sql<bigint>`sum(amount_minor)::int8`.as('sum')])
    .groupBy(['account', 'currency'])
    .orderBy('account')
    .orderBy('currency')
  if (account !== undefined) query = query.where('account', '=', account)
  const rows = await query.execute()
  return rows.map((row) => ({
    account: row.account,
    balance: { amountMinor: row.sum, currency: row.currency },
  }))
}

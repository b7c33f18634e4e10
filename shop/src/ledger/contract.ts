import { command, contract, failure, query } from 'banyan/contract'
import { z } from 'zod'
import { currencySchema, moneySchema } from '../money/index.ts'

/** The chart of accounts; the migration creates them. */
export const accounts = ['psp-clearing', 'sales', 'refunds'] as const
const accountSchema = z.enum(accounts)

const postingSchema = z.object({ account: accountSchema, amount: moneySchema })
export type Posting = z.output<typeof postingSchema>

/** What an entry is about: `(source, reference)` is booked at most once. */
const entryKey = z.object({
  source: z.enum(['sale', 'refund']),
  reference: z.string().min(1).max(100),
})
export type EntryKey = z.output<typeof entryKey>

const balanceSchema = z.object({ account: accountSchema, balance: moneySchema })

const movedSchema = z.object({ capturedMinor: z.bigint(), refundedMinor: z.bigint() })
/** What moved in one currency, by our books and by the provider. */
const reconciledLineSchema = z.object({
  currency: currencySchema,
  booked: movedSchema,
  provider: movedSchema,
})
export type ReconciledLine = z.output<typeof reconciledLineSchema>

/** The books: double entry, append-only. Debits are positive, credits negative. */
export const ledger = contract('ledger', {
  failures: {
    entryDiffers: failure(
      'conflict',
      entryKey,
      ({ source, reference }) => `${source} ${reference} is booked with other postings`,
    ),
    entryUnbalanced: failure(
      'invalid',
      entryKey,
      ({ source, reference }) => `the postings of ${source} ${reference} do not sum to zero`,
    ),
    entryMissing: failure(
      'not_found',
      entryKey,
      ({ source, reference }) => `${source} ${reference} is not booked`,
    ),
    reconciliationMissing: failure(
      'not_found',
      z.object({ day: z.string() }),
      ({ day }) => `the books were not compared with the provider on ${day}`,
    ),
  },
  operations: {
    post: command({
      summary: 'Books an entry whose postings sum to zero; booked again, it is the same entry.',
      input: entryKey.extend({ postings: z.array(postingSchema).min(2).max(20) }),
      output: z.object({ entryId: z.uuid() }),
      access: 'internal',
      failures: ['entryDiffers', 'entryUnbalanced'],
      criticality: 'critical',
    }),
    entry: query({
      summary: 'Reads an entry by what it is about.',
      input: entryKey,
      output: entryKey.extend({ entryId: z.uuid(), postings: z.array(postingSchema) }),
      http: 'GET /ledger/entries/{source}/{reference}',
      access: ['clerk'],
      failures: ['entryMissing'],
    }),
    balance: query({
      summary: 'Adds up the postings of an account, per currency.',
      input: z.object({ account: accountSchema }),
      output: z.object({ balances: z.array(balanceSchema) }),
      http: 'GET /ledger/accounts/{account}',
      access: ['clerk'],
    }),
    trialBalance: query({
      summary: 'Adds up every account; per currency the sum over all accounts is zero.',
      input: z.object({}),
      output: z.object({ balances: z.array(balanceSchema) }),
      http: 'GET /ledger/trial-balance',
      access: ['clerk'],
      criticality: 'background',
    }),
    reconciliation: query({
      summary: 'Reads what the nightly comparison of the books with the provider found.',
      input: z.object({ day: z.iso.date() }),
      output: z.object({
        lookedAt: z.date(),
        /** A difference is looked at again, up to three times. */
        look: z.int(),
        isEqual: z.boolean(),
        lines: z.array(reconciledLineSchema),
      }),
      http: 'GET /ledger/reconciliations/{day}',
      access: ['clerk'],
      failures: ['reconciliationMissing'],
      criticality: 'background',
    }),
  },
})

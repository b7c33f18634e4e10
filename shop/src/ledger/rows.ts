import { tables } from 'banyan/data'
import type { Currency } from '../money/index.ts'
import type { EntryKey, Posting } from './contract.ts'

export interface EntryRow {
  readonly id: string
  readonly source: EntryKey['source']
  readonly reference: string
  readonly at: Date
}

export interface PostingRow {
  readonly entry_id: string
  readonly line: number
  readonly account: Posting['account']
  readonly amount_minor: bigint
  readonly currency: Currency
}

export interface LedgerRows {
  readonly entry: EntryRow
  readonly posting: PostingRow
}

export const ledgerTables = tables<LedgerRows>(new URL('./sql/', import.meta.url))

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

export interface ReconciliationRow {
  /** `2026-11-22` */
  readonly day: string
  readonly looked_at: Date
  readonly look: number
  readonly is_equal: boolean
}

export interface ReconciliationLineRow {
  readonly day: string
  readonly currency: Currency
  readonly booked_captured_minor: bigint
  readonly booked_refunded_minor: bigint
  readonly provider_captured_minor: bigint
  readonly provider_refunded_minor: bigint
}

export interface LedgerRows {
  readonly entry: EntryRow
  readonly posting: PostingRow
  readonly reconciliation: ReconciliationRow
  readonly reconciliation_line: ReconciliationLineRow
}

export const ledgerTables = tables<LedgerRows>(new URL('./sql/', import.meta.url))

import { tables } from 'banyan/data'
import type { PurchaseOrderState } from './contract.ts'

export interface PurchaseOrderRow {
  readonly id: string
  readonly sku: string
  readonly count: number
  readonly state: PurchaseOrderState
  readonly proposed_at: Date
  readonly decided_at: Date | null
  readonly decided_by: string | null
  readonly ordered_at: Date | null
  readonly delivered_at: Date | null
  readonly delivered_count: number | null
}

export interface PurchasingRows {
  readonly purchase_order: PurchaseOrderRow
}

export const purchasingTables = tables<PurchasingRows>(new URL('./sql/', import.meta.url))

import { tables } from 'banyan/data'
import type { ReservationState } from './contract.ts'

export interface StockRow {
  readonly sku: string
  readonly received: number
  readonly available: number
  readonly held: number
  readonly sold: number
  readonly reorder_point: number
}

export interface ReservationRow {
  readonly id: string
  readonly state: ReservationState
  readonly expires_at: Date
}

export interface ReservationLineRow {
  readonly reservation_id: string
  readonly sku: string
  readonly count: number
}

export type MovementKind = 'received' | ReservationState

export interface MovementRow {
  readonly id: string
  readonly sku: string
  readonly kind: MovementKind
  readonly count: number
  readonly reservation_id: string | null
  readonly at: Date
}

export interface InventoryRows {
  readonly stock: StockRow
  readonly reservation: ReservationRow
  readonly reservation_line: ReservationLineRow
  readonly movement: MovementRow
}

export const inventoryTables = tables<InventoryRows>(new URL('./sql/', import.meta.url))

import { tables } from 'banyan/data'
import type { ColumnType } from 'kysely'
import type { Currency } from '../money/index.ts'
import type { Address, OrderState } from './contract.ts'

export interface OrdersRow {
  readonly id: string
  readonly customer_id: string
  readonly state: OrderState
  readonly version: ColumnType<number, number | undefined, number>
  readonly reservation_id: string
  readonly payment_id: string
  readonly total_minor: bigint
  readonly currency: Currency
  readonly shipping_address: ColumnType<Address, string, never>
  readonly placed_at: Date
  readonly due_at: Date | null
}

export interface OrderLineRow {
  readonly order_id: string
  readonly line: number
  readonly sku: string
  readonly name: string
  readonly count: number
  readonly unit_minor: bigint
}

export interface OrderHistoryRow {
  readonly order_id: string
  readonly version: number
  readonly state: OrderState
  readonly at: Date
  readonly actor: string
}

export interface OrdersRows {
  readonly orders: OrdersRow
  readonly order_line: OrderLineRow
  readonly order_history: OrderHistoryRow
}

export const ordersTables = tables<OrdersRows>(new URL('./sql/', import.meta.url))

import { tables } from 'banyan/data'
import type { ColumnType, Selectable } from 'kysely'
import type { Currency } from '../money/index.ts'
import type { Address } from '../orders/contract.ts'
import type { Refusal } from './refusal.ts'
import type { CheckoutState } from './state.ts'

/** A priced line as it is kept in JSON, which has no bigint. */
export interface StoredLine {
  readonly sku: string
  readonly name: string
  readonly count: number
  readonly unitMinor: string
}

export interface CheckoutRow {
  readonly id: string
  readonly cart_id: string
  readonly customer_id: string
  readonly order_id: string
  readonly payment_id: string
  readonly reservation_id: string
  readonly state: CheckoutState
  readonly instrument: string
  readonly shipping_address: ColumnType<Address, string, never>
  readonly lines: ColumnType<readonly StoredLine[], string, never>
  readonly total_minor: bigint
  readonly currency: Currency
  readonly refusal: ColumnType<Refusal | null, string | null, string | null>
  readonly drivers: ColumnType<number, number | undefined, number>
  readonly attempts: ColumnType<number, number | undefined, number>
  readonly due_at: Date
  readonly created_at: Date
}

/** A checkout as it was read. */
export type Checkout = Selectable<CheckoutRow>

export interface CheckoutRows {
  readonly checkout: CheckoutRow
}

export const checkoutTables = tables<CheckoutRows>(new URL('./sql/', import.meta.url))

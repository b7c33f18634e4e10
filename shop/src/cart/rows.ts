import { tables } from 'banyan/data'

export interface CartRow {
  readonly id: string
  readonly customer_id: string
  readonly state: 'open' | 'closed'
  readonly created_at: Date
}

export interface CartLineRow {
  readonly cart_id: string
  readonly sku: string
  readonly count: number
}

export interface CartRows {
  readonly cart: CartRow
  readonly cart_line: CartLineRow
}

export const cartTables = tables<CartRows>(new URL('./sql/', import.meta.url))

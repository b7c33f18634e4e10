import { tables } from 'banyan/data'

export interface CustomerRow {
  readonly id: string
  readonly kind: 'guest'
  readonly created_at: Date
}

export interface IdentityRows {
  readonly customer: CustomerRow
}

export const identityTables = tables<IdentityRows>(new URL('./sql/', import.meta.url))

import { tables } from 'banyan/data'
import type { GeneratedAlways } from 'kysely'
import type { Currency } from '../money/index.ts'

export interface CategoryRow {
  readonly path: string
  readonly name: string
}

export interface ProductRow {
  readonly sku: string
  readonly name: string
  readonly description: string
  readonly category: string
  readonly price_minor: bigint
  readonly currency: Currency
  readonly brand: string
  readonly colour: string
  readonly size: string
  readonly material: string
  readonly season: string
  readonly audience: string
  readonly search: GeneratedAlways<string>
}

export interface CatalogRows {
  readonly category: CategoryRow
  readonly product: ProductRow
}

export const catalogTables = tables<CatalogRows>(new URL('./sql/', import.meta.url))

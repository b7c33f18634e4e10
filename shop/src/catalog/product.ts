import type { Selectable } from 'kysely'
import type { Product } from './contract.ts'
import type { ProductRow } from './rows.ts'

/** Every column of a product but its search vector. */
export const productColumns = [
  'sku',
  'name',
  'description',
  'category',
  'price_minor',
  'currency',
  'brand',
  'colour',
  'size',
  'material',
  'season',
  'audience',
] as const

type ProductColumns = Pick<Selectable<ProductRow>, (typeof productColumns)[number]>

/** A product as the contract shows it. */
export function toProduct(row: ProductColumns): Product {
  const { sku, name, description, category, brand, colour, size, material, season, audience } = row
  const price = { amountMinor: row.price_minor, currency: row.currency }
  return {
    sku,
    name,
    description,
    category,
    price,
    brand,
    colour,
    size,
    material,
    season,
    audience,
  }
}

/** A product as a row. */
export function toRow({ price, ...product }: Product): ProductColumns {
  return { ...product, price_minor: price.amountMinor, currency: price.currency }
}

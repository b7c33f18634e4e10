import type { TableReader } from 'banyan/data'
import { sql } from 'kysely'
import type { Money } from '../money/index.ts'
import { catalog, type Product } from './contract.ts'
import { productColumns, toProduct } from './product.ts'
import type { CatalogRows } from './rows.ts'

/** One product, by its primary key. @throws CATALOG_PRODUCT_MISSING */
export async function findProduct(db: TableReader<CatalogRows>, sku: string): Promise<Product> {
  const row = await db
    .selectFrom('product')
    .select(productColumns)
    .where('sku', '=', sku)
    .executeTakeFirst()
  if (row === undefined) throw catalog.failures.productMissing({ sku })
  return toProduct(row)
}

/** The prices of `skus`, in their order, in one range of the primary key.
 *  @throws CATALOG_PRODUCT_MISSING naming the first that is unknown */
export async function priceProducts(
  db: TableReader<CatalogRows>,
  skus: readonly string[],
): Promise<{ sku: string; name: string; price: Money }[]> {
  const rows = await db
    .selectFrom('product')
    .select(['sku', 'name', 'price_minor', 'currency'])
    .where('sku', '=', sql<string>`any(${skus})`)
    .execute()
  const found = new Map(rows.map((row) => [row.sku, row]))
  return skus.map((sku) => {
    const row = found.get(sku)
    if (row === undefined) throw catalog.failures.productMissing({ sku })
    return { sku, name: row.name, price: { amountMinor: row.price_minor, currency: row.currency } }
  })
}

/** The whole tree (tens of rows) with the number of products in each subtree. */
export async function listCategories(
  db: TableReader<CatalogRows>,
): Promise<{ path: string; name: string; productCount: number }[]> {
  const rows = await db
    .selectFrom('category')
    .leftJoin('product', (join) =>
      join.on(sql<boolean>`product.category = category.path
        or product.category like category.path || '/%'`),
    )
    .select(['category.path', 'category.name', sql<number>`count(product.sku)::int`.as('count')])
    .groupBy(['category.path', 'category.name'])
    .orderBy('category.path')
    .execute()
  return rows.map(({ path, name, count }) => ({ path, name, productCount: count }))
}

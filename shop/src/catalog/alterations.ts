import type { TableWriter } from 'banyan/data'
import type { Money } from '../money/index.ts'
import { catalog, type Product } from './contract.ts'
import { productColumns, toProduct, toRow } from './product.ts'
import type { CatalogRows } from './rows.ts'

/** Inserts a category. @throws CATALOG_CATEGORY_MISSING (its parent) · CATALOG_CATEGORY_TAKEN */
export async function addCategory(
  tx: TableWriter<CatalogRows>,
  category: { readonly path: string; readonly name: string },
): Promise<{ path: string; name: string }> {
  const { path, name } = category
  const parent = path.split('/').slice(0, -1).join('/')
  if (parent !== '') await assertCategory(tx, parent)
  const inserted = await tx
    .insertInto('category')
    .values({ path, name })
    .onConflict((conflict) => conflict.column('path').doNothing())
    .returning('path')
    .executeTakeFirst()
  if (inserted === undefined) throw catalog.failures.categoryTaken({ category: path })
  return { path, name }
}

/** Inserts a product. @throws CATALOG_CATEGORY_MISSING · CATALOG_SKU_TAKEN */
export async function addProduct(tx: TableWriter<CatalogRows>, product: Product): Promise<Product> {
  const { category, sku } = product
  await assertCategory(tx, category)
  const inserted = await tx
    .insertInto('product')
    .values(toRow(product))
    .onConflict((conflict) => conflict.column('sku').doNothing())
    .returning(productColumns)
    .executeTakeFirst()
  if (inserted === undefined) throw catalog.failures.skuTaken({ sku })
  return toProduct(inserted)
}

/** Sets a price. @throws CATALOG_PRODUCT_MISSING */
export async function alterPrice(
  tx: TableWriter<CatalogRows>,
  { sku, price }: { readonly sku: string; readonly price: Money },
): Promise<Product> {
  const row = await tx
    .updateTable('product')
    .set({ price_minor: price.amountMinor, currency: price.currency })
    .where('sku', '=', sku)
    .returning(productColumns)
    .executeTakeFirst()
  if (row === undefined) throw catalog.failures.productMissing({ sku })
  return toProduct(row)
}

async function assertCategory(tx: TableWriter<CatalogRows>, category: string): Promise<void> {
  const known = await tx
    .selectFrom('category')
    .select('path')
    .where('path', '=', category)
    .executeTakeFirst()
  if (known === undefined) throw catalog.failures.categoryMissing({ category })
}

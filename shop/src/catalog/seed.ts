import type { TableWriter } from 'banyan/data'
import { categoryTree } from './category-tree.ts'
import { generateProducts } from './generate.ts'
import { toRow } from './product.ts'
import type { CatalogRows } from './rows.ts'

/** How many products a development database starts with. */
export const seedProductCount = 1_000

const batchRows = 250

/** Fills an empty catalogue. What is there stays as it is. */
export async function seedCatalog(tx: TableWriter<CatalogRows>): Promise<void> {
  await tx
    .insertInto('category')
    .values([...categoryTree()])
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const rows = generateProducts(seedProductCount).map(toRow)
  for (let start = 0; start < rows.length; start += batchRows) {
    await tx
      .insertInto('product')
      .values(rows.slice(start, start + batchRows))
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
}

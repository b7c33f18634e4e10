import type { TableReader } from 'banyan/data'
import { type RawBuilder, type SelectQueryBuilder, sql } from 'kysely'
import { catalog, type FacetName, facetNames, type Product, type Search } from './contract.ts'
import { formatCursor, type Position, type Sort, tryParseCursor } from './cursor.ts'
import { productColumns, toProduct } from './product.ts'
import type { CatalogRows } from './rows.ts'

type Filters = Omit<Search, 'cursor' | 'pageSize' | 'sort'>
type ProductQuery<Output> = SelectQueryBuilder<CatalogRows, 'product', Output>

/** One page of products that match, in the order asked for.
 *  Plan: product_search for text, product_category for a subtree, else the index of the order. */
export async function searchProducts(
  db: TableReader<CatalogRows>,
  search: Search,
): Promise<{ products: Product[]; nextCursor?: string }> {
  const sort = sortOf(search)
  const after = search.cursor === undefined ? undefined : positionOf(search.cursor, sort)
  const key = sortKey(sort, search.text)
  const direction = sort === 'relevance' || sort === 'priceDown' ? 'desc' : 'asc'
  let query = filtered(db.selectFrom('product').select(productColumns), search)
    .select(sql<string>`(${key})::text`.as('sort_key'))
    .orderBy(key, direction)
    .orderBy('sku')
    .limit(search.pageSize + 1)
  if (after !== undefined) query = query.where(isAfter(key, direction, after))
  const rows = await query.execute()
  const page = rows.slice(0, search.pageSize)
  const last = page.at(-1)
  const products = page.map(toProduct)
  if (last === undefined || rows.length <= search.pageSize) return { products }
  return { products, nextCursor: formatCursor({ sort, key: last.sort_key, sku: last.sku }) }
}

/** At most 50 values of one facet with their product counts, the facet's own filter left out. */
export async function countFacet(
  db: TableReader<CatalogRows>,
  filters: Filters,
  facet: FacetName,
): Promise<{ value: string; count: number }[]> {
  const rows = await filtered(db.selectFrom('product'), { ...filters, [facet]: undefined })
    .select([`${facet} as value`, sql<number>`count(*)::int`.as('count')])
    .groupBy(facet)
    .orderBy('count', 'desc')
    .orderBy('value')
    .limit(50)
    .execute()
  return rows.map(({ value, count }) => ({ value, count }))
}

function filtered<Output>(query: ProductQuery<Output>, filters: Filters): ProductQuery<Output> {
  let narrowed = query
  if (filters.text !== undefined && filters.text.trim() !== '') {
    narrowed = narrowed.where(
      sql<boolean>`search @@ websearch_to_tsquery('english', ${filters.text})`,
    )
  }
  const { category } = filters
  if (category !== undefined) {
    narrowed = narrowed.where(({ or, eb }) =>
      or([eb('category', '=', category), eb('category', 'like', `${category}/%`)]),
    )
  }
  for (const facet of facetNames) {
    const values = filters[facet]
    if (values !== undefined && values.length > 0) narrowed = narrowed.where(facet, 'in', values)
  }
  return narrowed
}

function sortOf({ sort, text }: Search): Sort {
  const hasText = text !== undefined && text.trim() !== ''
  if (sort === undefined) return hasText ? 'relevance' : 'name'
  return sort === 'relevance' && !hasText ? 'name' : sort
}

/** Relevance is made whole, so that a cursor carries it exactly. */
function sortKey(sort: Sort, text: string | undefined): RawBuilder<unknown> {
  if (sort === 'name') return sql`name`
  if (sort !== 'relevance') return sql`price_minor`
  return sql`(ts_rank(search, websearch_to_tsquery('english', ${text})) * 1e6)::int8`
}

function isAfter(
  key: RawBuilder<unknown>,
  direction: 'asc' | 'desc',
  { sort, key: value, sku }: Position,
): RawBuilder<boolean> {
  const bound = sort === 'name' ? sql`${value}::text` : sql`${value}::int8`
  const beyond = direction === 'asc' ? sql`${key} > ${bound}` : sql`${key} < ${bound}`
  return sql<boolean>`(${beyond} or (${key} = ${bound} and sku > ${sku}))`
}

function positionOf(cursor: string, sort: Sort): Position {
  const position = tryParseCursor(cursor, sort)
  if (position === undefined) throw catalog.failures.cursorInvalid({})
  return position
}

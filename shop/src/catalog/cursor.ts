import { z } from 'zod'
import type { Search } from './contract.ts'

export type Sort = NonNullable<Search['sort']>

/** Where a page ended: the sort key and the sku of its last product. */
export interface Position {
  readonly sort: Sort
  readonly key: string
  readonly sku: string
}

const positionSchema = z.tuple([
  z.enum(['relevance', 'name', 'priceUp', 'priceDown']),
  z.string().max(200),
  z.string().max(40),
])

/** A position as opaque text for clients. */
export function formatCursor({ sort, key, sku }: Position): string {
  return Buffer.from(JSON.stringify([sort, key, sku])).toString('base64url')
}

/** The position that `cursor` stands for, or undefined when it is not one of this sort order. */
export function tryParseCursor(cursor: string, sort: Sort): Position | undefined {
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    return undefined
  }
  const parsed = positionSchema.safeParse(value)
  if (!parsed.success || parsed.data[0] !== sort) return undefined
  const [, key, sku] = parsed.data
  if (sort !== 'name' && !/^-?\d{1,18}$/.test(key)) return undefined
  return { sort, key, sku }
}

import type { JsonSchema } from '../json-schema-tree.ts'
import type { Comparison, Effect } from './change.ts'

/** A keyword with its value before and after. */
type Bound = readonly [keyword: string, before: unknown, after: unknown]

/** A lower bound: higher accepts less. */
export function compareLower(comparison: Comparison, place: string, bound: Bound): void {
  const [, before, after] = bound
  const [was, is] = [numberOf(before) ?? -Infinity, numberOf(after) ?? -Infinity]
  if (was !== is) report(comparison, place, { bound, effect: is > was ? 'narrowed' : 'widened' })
}

/** An upper bound: lower accepts less. */
export function compareUpper(comparison: Comparison, place: string, bound: Bound): void {
  const [, before, after] = bound
  const [was, is] = [numberOf(before) ?? Infinity, numberOf(after) ?? Infinity]
  if (was !== is) report(comparison, place, { bound, effect: is < was ? 'narrowed' : 'widened' })
}

/** The bounds of bigints and dates, which stand as text in wire form. */
export function compareValueBounds(
  comparison: Comparison,
  place: string,
  [before, after]: readonly [JsonSchema, JsonSchema],
): void {
  for (const keyword of valueBoundKeywords) {
    const [was, is] = [orderOf(before[keyword]), orderOf(after[keyword])]
    if (was === is) continue
    const isLower = keyword.endsWith('minimum')
    // without a lower bound everything is lower than with one, and the other way round
    const isHigher = was === undefined ? isLower : is === undefined ? !isLower : is > was
    const effect = isHigher === isLower ? 'narrowed' : 'widened'
    const change = `${keyword.slice('x-banyan-'.length)} changed from ${textOf(before[keyword])} to ${textOf(after[keyword])}`
    comparison.report({ place, change, effect })
  }
}

export const valueBoundKeywords: readonly string[] = [
  ...['x-banyan-minimum', 'x-banyan-exclusive-minimum'],
  ...['x-banyan-maximum', 'x-banyan-exclusive-maximum'],
]

function orderOf(value: unknown): bigint | undefined {
  if (typeof value !== 'string') return undefined
  return /^-?\d+$/.test(value) ? BigInt(value) : BigInt(new Date(value).getTime())
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : 'none'
}

export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

function report(
  comparison: Comparison,
  place: string,
  found: { readonly bound: Bound; readonly effect: Effect },
): void {
  const [keyword, before, after] = found.bound
  const change = `${keyword} changed from ${numberOf(before) ?? 'none'} to ${numberOf(after) ?? 'none'}`
  comparison.report({ place, change, effect: found.effect })
}

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

import type { JsonSchema } from '../json-schema-tree.ts'
import type { Comparison } from './change.ts'
import { compareLower, compareUpper } from './bounds.ts'

/** Arrays, sets and tuples: how many items, and what each may be. */
export function compareArrays(
  comparison: Comparison,
  place: string,
  [before, after]: readonly [JsonSchema, JsonSchema],
): void {
  const [fixedBefore, fixedAfter] = [fixedItemsOf(before), fixedItemsOf(after)]
  if (fixedBefore.length !== fixedAfter.length) {
    const change = `length changed from ${fixedBefore.length} to ${fixedAfter.length}`
    return comparison.report({ place, change, effect: 'unclear' })
  }
  compareLower(comparison, place, ['minItems', before['minItems'], after['minItems']])
  compareUpper(comparison, place, ['maxItems', before['maxItems'], after['maxItems']])
  for (const [index, item] of fixedBefore.entries()) {
    comparison.compare(item, fixedAfter[index], `${place}[${index}]`)
  }
  const [restBefore, restAfter] = [before['items'], after['items']]
  if (restBefore === false && restAfter === false) return
  if (restBefore === false || restAfter === false) {
    const effect = restAfter === false ? 'narrowed' : 'widened'
    const change = restAfter === false ? 'no further items now' : 'further items now'
    return comparison.report({ place, change, effect })
  }
  comparison.compare(restBefore, restAfter, `${place}[]`)
}

function fixedItemsOf(schema: JsonSchema): readonly unknown[] {
  return Array.isArray(schema['prefixItems']) ? schema['prefixItems'] : []
}

import { type JsonSchema, stableText } from '../json-schema-tree.ts'
import { compareLower, compareUpper, numberOf } from './bounds.ts'
import type { Comparison, Effect } from './change.ts'

/** Text: its length and its form. */
export function compareStrings(
  comparison: Comparison,
  place: string,
  [before, after]: readonly [JsonSchema, JsonSchema],
): void {
  compareLower(comparison, place, ['minLength', before['minLength'], after['minLength']])
  compareUpper(comparison, place, ['maxLength', before['maxLength'], after['maxLength']])
  for (const keyword of ['pattern', 'format', 'contentEncoding']) {
    const [was, is] = [before[keyword], after[keyword]]
    if (was === is) continue
    const effect = was === undefined ? 'narrowed' : is === undefined ? 'widened' : 'unclear'
    const verb = was === undefined ? 'added' : is === undefined ? 'removed' : 'changed'
    comparison.report({ place, change: `${keyword} ${verb}`, effect })
  }
}

/** Numbers: whole or not, bounds and steps. */
export function compareNumbers(
  comparison: Comparison,
  place: string,
  [before, after]: readonly [JsonSchema, JsonSchema],
): void {
  if (before['type'] !== after['type']) {
    const effect = after['type'] === 'integer' ? 'narrowed' : 'widened'
    const change = `type changed from ${String(before['type'])} to ${String(after['type'])}`
    comparison.report({ place, change, effect })
  }
  for (const keyword of ['minimum', 'exclusiveMinimum']) {
    compareLower(comparison, place, [keyword, before[keyword], after[keyword]])
  }
  for (const keyword of ['maximum', 'exclusiveMaximum']) {
    compareUpper(comparison, place, [keyword, before[keyword], after[keyword]])
  }
  compareSteps(comparison, place, [before['multipleOf'], after['multipleOf']])
}

function compareSteps(
  comparison: Comparison,
  place: string,
  [before, after]: readonly [unknown, unknown],
): void {
  if (before === after) return
  const [was, is] = [numberOf(before), numberOf(after)]
  let effect: Effect = 'unclear'
  if (was === undefined || (is !== undefined && isMultiple(is, was))) effect = 'narrowed'
  else if (is === undefined || isMultiple(was, is)) effect = 'widened'
  const change = `multipleOf changed from ${was ?? 'none'} to ${is ?? 'none'}`
  comparison.report({ place, change, effect })
}

function isMultiple(value: number, step: number): boolean {
  return Number.isInteger(value) && Number.isInteger(step) && value % step === 0
}

/** Closed sets of values, or one of them beside its type. */
export function compareValues(
  comparison: Comparison,
  place: string,
  [before, after]: readonly [JsonSchema, JsonSchema],
): void {
  const [was, is] = [valuesOf(before), valuesOf(after)]
  if (was === undefined || is === undefined) {
    const effect: Effect = was === undefined ? 'narrowed' : 'widened'
    const change = was === undefined ? 'became a closed set of values' : 'became open to any value'
    const isSafe = isUnbounded(was === undefined ? before : after)
    return comparison.report({ place, change, effect: isSafe ? effect : 'unclear' })
  }
  for (const value of was.filter((one) => !is.includes(one))) {
    comparison.report({ place, change: `value ${value} removed`, effect: 'narrowed' })
  }
  for (const value of is.filter((one) => !was.includes(one))) {
    const reason = 'readers that handle each value do not know the new one'
    const verdict = { output: { severity: 'breaking', reason } } as const
    comparison.report({ place, change: `value ${value} added`, effect: 'widened', verdict })
  }
}

function valuesOf(schema: JsonSchema): readonly string[] | undefined {
  if ('const' in schema) return [stableText(schema['const'])]
  return Array.isArray(schema['enum']) ? schema['enum'].map(stableText) : undefined
}

/** Accepts every string, every boolean or every number. */
function isUnbounded(schema: JsonSchema): boolean {
  const { type } = schema
  const isOpen = Object.keys(schema).every((keyword) =>
    ['type', 'title', 'description', 'default', 'examples'].includes(keyword),
  )
  return isOpen && (type === 'string' || type === 'boolean' || type === 'number')
}

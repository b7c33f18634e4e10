import { isJsonObject, type JsonSchema, stableText } from '../json-schema-tree.ts'
import { alternativesOf, isAnything, pairAlternatives } from './alternatives.ts'
import { compareValueBounds, valueBoundKeywords } from './bounds.ts'
import type { Comparison, Difference } from './change.ts'
import { compareArrays } from './compare-arrays.ts'
import { compareObjects } from './compare-objects.ts'
import { compareNumbers, compareStrings, compareValues } from './compare-scalars.ts'
import { typeNameOf } from './type-name.ts'

/** The differences of two schemas in JSON Schema 2020-12, place by place.
 *  Sound, not complete: where nothing narrows, every value of `before` is one of `after`, and the
 *  other way round; what this cannot decide is reported as unclear. Fields that were ignored until
 *  they were declared are the one exception: a new optional field is called an extension. */
export function compareSchemas(
  before: JsonSchema,
  after: JsonSchema,
  place: string,
): readonly Difference[] {
  const comparison = new SchemaComparison(before, after)
  comparison.compare(before, after, place)
  return comparison.differences
}

/** Keywords that say nothing about which values are accepted. */
const annotations: ReadonlySet<string> = new Set([
  ...['title', 'description', 'default', 'examples', 'deprecated', 'readOnly', 'writeOnly'],
  ...['$schema', '$id', 'id', '$defs', '$comment'],
])

/** Keywords that the comparison of each type has judged. */
const judgedKeywords: ReadonlySet<string> = new Set([
  ...['type', 'const', 'enum', 'format', 'pattern', 'contentEncoding', 'minLength', 'maxLength'],
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  ...['items', 'prefixItems', 'minItems', 'maxItems', 'uniqueItems'],
  ...['properties', 'required', 'additionalProperties', 'propertyNames'],
  ...valueBoundKeywords,
])

/** One comparison of two schemas with the definitions that they refer to. */
class SchemaComparison implements Comparison {
  readonly differences: Difference[] = []
  readonly #before: JsonSchema
  readonly #after: JsonSchema
  /** Pairs of references that have been followed; the roots from the start. */
  readonly #compared = new Set([pairText({ $ref: '#' }, { $ref: '#' })])

  constructor(before: JsonSchema, after: JsonSchema) {
    this.#before = before
    this.#after = after
  }

  report(difference: Difference): void {
    this.differences.push(difference)
  }

  /** Compares what stands at one place; an absent schema accepts anything. */
  compare(before: unknown, after: unknown, place: string): void {
    const [one, other] = [schemaOf(before), schemaOf(after)]
    const refers = '$ref' in one || '$ref' in other
    if (refers && this.#isKnown(one, other)) return
    const resolvedBefore = followed(one, this.#before)
    const resolvedAfter = followed(other, this.#after)
    if (isAnything(resolvedBefore) || isAnything(resolvedAfter)) {
      return this.#compareAnything(resolvedBefore, resolvedAfter, place)
    }
    const branchesBefore = alternativesOf(resolvedBefore, (part) => followed(part, this.#before))
    const branchesAfter = alternativesOf(resolvedAfter, (part) => followed(part, this.#after))
    const { pairs, removed, added } = pairAlternatives(branchesBefore, branchesAfter)
    for (const [left, right] of pairs) this.#compareOne(left, right, place)
    const isOther = removed.length === 1 && added.length === 1 && pairs.length === 0
    if (isOther) return this.#reportOther(removed[0] ?? {}, added[0] ?? {}, place)
    for (const branch of removed) {
      this.report({ place, change: `no longer ${nameOf(branch)}`, effect: 'narrowed' })
    }
    for (const branch of added) {
      this.report({ place, change: `also ${nameOf(branch)}`, effect: 'widened' })
    }
  }

  #isKnown(before: JsonSchema, after: JsonSchema): boolean {
    const pair = pairText(before, after)
    if (this.#compared.has(pair)) return true
    this.#compared.add(pair)
    return false
  }

  #compareAnything(before: JsonSchema, after: JsonSchema, place: string): void {
    if (isAnything(before) && isAnything(after)) return
    if (isAnything(before)) {
      this.report({ place, change: `only ${nameOf(after)} now`, effect: 'narrowed' })
    } else this.report({ place, change: 'anything now', effect: 'widened' })
  }

  #compareOne(before: JsonSchema, after: JsonSchema, place: string): void {
    const pair = [before, after] as const
    const [typeBefore, typeAfter] = [typeNameOf(before), typeNameOf(after)]
    if (typeBefore === 'values' || typeAfter === 'values') compareValues(this, place, pair)
    else if (typeBefore === 'number') compareNumbers(this, place, pair)
    else if (typeBefore === 'string') compareStrings(this, place, pair)
    else if (typeBefore === 'bigint' || typeBefore === 'date') {
      compareValueBounds(this, place, pair)
    } else if (['array', 'set', 'tuple'].includes(typeBefore)) {
      compareArrays(this, place, pair)
    } else if (typeBefore === 'object' || typeBefore === 'record') {
      compareObjects(this, place, pair)
    }
    this.#compareRest(before, after, place)
  }

  #reportOther(before: JsonSchema, after: JsonSchema, place: string): void {
    const change = `type changed from ${nameOf(before)} to ${nameOf(after)}`
    this.report({ place, change, effect: 'unclear' })
  }

  /** What no comparison above has looked at must be equal. */
  #compareRest(before: JsonSchema, after: JsonSchema, place: string): void {
    const keywords = new Set([...Object.keys(before), ...Object.keys(after)])
    for (const keyword of [...keywords].sort()) {
      if (annotations.has(keyword) || judgedKeywords.has(keyword)) continue
      if (stableText(before[keyword] ?? null) !== stableText(after[keyword] ?? null)) {
        this.report({ place, change: `${keyword} changed`, effect: 'unclear' })
      }
    }
  }
}

function pairText(before: JsonSchema, after: JsonSchema): string {
  return `${stableText(before)} ${stableText(after)}`
}

function schemaOf(value: unknown): JsonSchema {
  if (value === false) return { not: {} }
  return isJsonObject(value) ? value : {}
}

/** The schema that a chain of references leads to. */
function followed(schema: JsonSchema, root: JsonSchema): JsonSchema {
  let current = schema
  for (let steps = 0; typeof current['$ref'] === 'string' && steps < 32; steps++) {
    const { $ref, ...beside } = current
    const target = targetOf(String($ref), root)
    if (target === undefined) return current
    current = { ...target, ...beside }
  }
  return current
}

function targetOf(reference: string, root: JsonSchema): JsonSchema | undefined {
  if (reference === '#') return root
  const key = /^#\/\$defs\/(.+)$/.exec(reference)?.[1]
  const definitions = root['$defs']
  if (key === undefined || !isJsonObject(definitions)) return undefined
  const found = Object.hasOwn(definitions, key) ? definitions[key] : undefined
  return isJsonObject(found) ? found : undefined
}

function nameOf(schema: JsonSchema): string {
  if ('const' in schema) return JSON.stringify(schema['const'])
  if (Array.isArray(schema['enum']))
    return schema['enum'].map((one) => JSON.stringify(one)).join('|')
  return typeNameOf(schema)
}

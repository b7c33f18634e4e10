import { isJsonObject, type JsonSchema, stableText } from '../json-schema-tree.ts'
import { typeNameOf } from './type-name.ts'

/** Accepts every value. */
export function isAnything(schema: JsonSchema): boolean {
  return !Object.keys(schema).some((keyword) => !silentKeywords.has(keyword))
}

const silentKeywords: ReadonlySet<string> = new Set(['title', 'description', 'default', 'examples'])

/** The alternatives of a schema, each of one type: options of unions, and the types of a list. */
export function alternativesOf(
  schema: JsonSchema,
  follow: (schema: JsonSchema) => JsonSchema,
  depth: number = 0,
): readonly JsonSchema[] {
  const options = schema['anyOf'] ?? schema['oneOf']
  if (Array.isArray(options) && hasOnlyOptions(schema) && depth < 8) {
    return options
      .filter(isJsonObject)
      .flatMap((option) => alternativesOf(follow(option), follow, depth + 1))
  }
  const { type } = schema
  if (!Array.isArray(type) || 'enum' in schema || 'const' in schema) return [schema]
  return type.map((one) => (one === 'null' ? { type: one } : { ...schema, type: one }))
}

function hasOnlyOptions(schema: JsonSchema): boolean {
  return Object.keys(schema).every(
    (keyword) =>
      keyword === 'anyOf' ||
      keyword === 'oneOf' ||
      keyword === '$defs' ||
      silentKeywords.has(keyword),
  )
}

/** Alternatives of both sides that mean the same, and those that have no partner. */
export interface Pairing {
  readonly pairs: readonly (readonly [JsonSchema, JsonSchema])[]
  readonly removed: readonly JsonSchema[]
  readonly added: readonly JsonSchema[]
}

/** Pairs alternatives: equal ones first, then those that alone have their type and the fixed values
 *  of their fields. What finds no partner was removed or added. */
export function pairAlternatives(
  before: readonly JsonSchema[],
  after: readonly JsonSchema[],
): Pairing {
  const pairs: (readonly [JsonSchema, JsonSchema])[] = []
  const left = new Set(distinct(before))
  const right = new Set(distinct(after))
  const pair = (keyOf: (schema: JsonSchema) => string): void => {
    for (const one of left) {
      const key = keyOf(one)
      const same = [...right].filter((other) => keyOf(other) === key)
      const [partner] = same
      const isAlone = [...left].filter((other) => keyOf(other) === key).length === 1
      if (partner === undefined || same.length > 1 || !isAlone) continue
      pairs.push([one, partner])
      left.delete(one)
      right.delete(partner)
    }
  }
  pair(stableText)
  pair(identityOf)
  if (left.size === 1 && right.size === 1) pair(roughIdentityOf)
  return { pairs, removed: [...left], added: [...right] }
}

function distinct(schemas: readonly JsonSchema[]): Iterable<JsonSchema> {
  return new Map(schemas.map((schema) => [stableText(schema), schema])).values()
}

function identityOf(schema: JsonSchema): string {
  const { properties } = schema
  const fields = Object.entries(isJsonObject(properties) ? properties : {})
  const fixed = fields.flatMap(([name, field]) =>
    isJsonObject(field) && 'const' in field ? [[name, field['const']]] : [],
  )
  return `${typeNameOf(schema)} ${stableText(Object.fromEntries(fixed))}`
}

/** A closed set of strings beside a string, of numbers beside a number. */
function roughIdentityOf(schema: JsonSchema): string {
  const name = typeNameOf(schema)
  if (name !== 'values') return name
  const values = Array.isArray(schema['enum']) ? schema['enum'] : [schema['const']]
  const types = new Set(values.map((value) => typeof value))
  return types.size === 1 ? String([...types][0]) : name
}

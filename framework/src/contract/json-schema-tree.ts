/** A JSON Schema 2020-12 object, as data. */
export type JsonSchema = Readonly<Record<string, unknown>>

const schemaKeywords: ReadonlySet<string> = new Set([
  ...['items', 'additionalProperties', 'propertyNames', 'not', 'contains'],
  ...['if', 'then', 'else', 'unevaluatedProperties', 'unevaluatedItems'],
])
const schemaListKeywords: ReadonlySet<string> = new Set(['prefixItems', 'anyOf', 'oneOf', 'allOf'])
const schemaMapKeywords: ReadonlySet<string> = new Set([
  ...['properties', 'patternProperties', 'dependentSchemas', '$defs'],
])

/** True for a JSON object: what holds a schema's keywords. */
export function isJsonObject(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The schema with `change` applied to each schema directly below it. Values that only look like
 *  schemas (`const`, `default`, fields that are named like keywords) are left alone. */
export function mapSubschemas(
  schema: JsonSchema,
  change: (subschema: JsonSchema) => JsonSchema,
): JsonSchema {
  const apply = (value: unknown): unknown => (isJsonObject(value) ? change(value) : value)
  const entries = Object.entries(schema).map(([keyword, value]): [string, unknown] => {
    if (schemaKeywords.has(keyword)) return [keyword, apply(value)]
    if (schemaListKeywords.has(keyword) && Array.isArray(value)) return [keyword, value.map(apply)]
    if (schemaMapKeywords.has(keyword) && isJsonObject(value)) {
      return [keyword, mapValues(value, apply)]
    }
    return [keyword, value]
  })
  return Object.fromEntries(entries)
}

/** The schema changed from its root down; what `change` returns is not visited again where it is a
 *  different object. */
export function rewriteSchema(
  schema: JsonSchema,
  change: (schema: JsonSchema) => JsonSchema,
): JsonSchema {
  const changed = change(schema)
  return changed === schema
    ? mapSubschemas(schema, (subschema) => rewriteSchema(subschema, change))
    : changed
}

/** JSON text that is equal for equal values, whatever the order of their keys. */
export function stableText(value: unknown): string {
  return JSON.stringify(sortKeys(value))
}

/** A copy of a JSON value with the keys of all objects in order. */
export function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (!isJsonObject(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sortKeys(value[key])]),
  )
}

function mapValues(map: JsonSchema, change: (value: unknown) => unknown): JsonSchema {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]))
}

import { isJsonObject, type JsonSchema, mapSubschemas } from '../json-schema-tree.ts'

/** The schema in the words of draft 07, which AsyncAPI's schema objects extend: tuples are written
 *  differently there. The rest of what contracts describe means the same in both. */
export function asDraft07(schema: JsonSchema): JsonSchema {
  const mapped = mapSubschemas(schema, asDraft07)
  const { prefixItems, items, ...rest } = mapped
  if (!Array.isArray(prefixItems)) return mapped
  const more = isJsonObject(items) || typeof items === 'boolean' ? { additionalItems: items } : {}
  return { ...rest, items: prefixItems, ...more }
}

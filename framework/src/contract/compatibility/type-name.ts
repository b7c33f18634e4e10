import { isJsonObject, type JsonSchema } from '../json-schema-tree.ts'

/** What kind of value a schema stands for, in the words of contracts: values that travel as strings
 *  or arrays are told apart by what they become. `integer` is a number with a rule. */
export function typeNameOf(schema: JsonSchema): string {
  if ('const' in schema || 'enum' in schema) return 'values'
  const { type } = schema
  if (type === 'integer') return 'number'
  if (type === 'string') return stringName(schema)
  if (type === 'array') {
    if (schema['uniqueItems'] === true) return 'set'
    return Array.isArray(schema['prefixItems']) ? 'tuple' : 'array'
  }
  if (type === 'object') return isJsonObject(schema['propertyNames']) ? 'record' : 'object'
  return typeof type === 'string' ? type : 'unknown'
}

function stringName(schema: JsonSchema): string {
  if (schema['format'] === 'bigint') return 'bigint'
  // text in the form of a date has a pattern as well
  if (schema['format'] === 'date-time' && schema['pattern'] === undefined) return 'date'
  return schema['contentEncoding'] === undefined ? 'string' : 'bytes'
}

import * as z from 'zod'
import { isBytes } from './describe.ts'
import { bigintDigitsMax } from './wire-scalars.ts'

type Json = Record<string, unknown>

/** JSON Schema 2020-12 of the wire form: zod's own, and the forms that JSON lacks described as what
 *  travels in their place. */
export function jsonSchemaOf(schema: z.core.$ZodType, view: 'input' | 'output'): Json {
  const result: Json = z.toJSONSchema(schema, {
    io: view,
    target: 'draft-2020-12',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      Object.assign(jsonSchema, wireForm(zodSchema as z.core.$ZodTypes, view))
    },
  })
  const { $schema: _, ...described } = result
  return described
}

function wireForm(schema: z.core.$ZodTypes, view: 'input' | 'output'): Json {
  const { def } = schema._zod
  switch (def.type) {
    case 'bigint':
      return { type: 'string', pattern: '^-?\\d+$', maxLength: bigintDigitsMax, format: 'bigint' }
    case 'date':
      return { type: 'string', format: 'date-time' }
    case 'map': {
      const pair = [jsonSchemaOf(def.keyType, view), jsonSchemaOf(def.valueType, view)]
      const items = { type: 'array', prefixItems: pair, items: false, minItems: 2 }
      return { type: 'array', items, ...sizeLimits(schema) }
    }
    case 'set':
      return {
        type: 'array',
        items: jsonSchemaOf(def.valueType, view),
        uniqueItems: true,
        ...sizeLimits(schema),
      }
    case 'literal':
      return def.values.some((value) => typeof value === 'bigint') ? literalForm(def.values) : {}
    case 'void':
    case 'undefined':
      return { type: 'null' }
    case 'custom':
      return isBytes(schema) ? { type: 'string', contentEncoding: 'base64' } : {}
    default:
      return {}
  }
}

function literalForm(values: readonly unknown[]): Json {
  const forms = values.map((value) => (typeof value === 'bigint' ? String(value) : value))
  return forms.length === 1 ? { type: 'string', const: forms[0] } : { type: undefined, enum: forms }
}

function sizeLimits(schema: z.core.$ZodType): Json {
  const { minimum, maximum, size } = schema._zod.bag
  const min = minimum ?? size
  const max = maximum ?? size
  return {
    ...(typeof min === 'number' ? { minItems: min } : {}),
    ...(typeof max === 'number' ? { maxItems: max } : {}),
  }
}

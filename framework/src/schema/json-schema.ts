import * as z from 'zod'
import { isBytes } from './describe.ts'
import { valueLimits } from './value-limits.ts'
import { bigintDigitsMax } from './wire-scalars.ts'

type Json = Record<string, unknown>

type View = 'input' | 'output'

/** JSON Schema 2020-12 of the wire form: zod's own, and the forms that JSON lacks described as what
 *  travels in their place. A map or set that contains itself is described once; inside itself it is
 *  any list. */
export function jsonSchemaOf(schema: z.core.$ZodType, view: View): Json {
  return new Description(view).of(schema)
}

class Description {
  readonly #view: View
  /** Maps and sets that are being described. */
  readonly #open = new Set<z.core.$ZodType>()

  constructor(view: View) {
    this.#view = view
  }

  of(schema: z.core.$ZodType): Json {
    const result: Json = z.toJSONSchema(schema, {
      io: this.#view,
      target: 'draft-2020-12',
      unrepresentable: 'any',
      override: ({ zodSchema, jsonSchema }) => {
        Object.assign(jsonSchema, this.#wireForm(zodSchema as z.core.$ZodTypes))
      },
    })
    const { $schema: _, ...described } = result
    return described
  }

  #wireForm(schema: z.core.$ZodTypes): Json {
    const { def } = schema._zod
    switch (def.type) {
      case 'bigint':
        return { ...bigintForm, ...valueLimits(schema) }
      case 'date':
        return { type: 'string', format: 'date-time', ...valueLimits(schema) }
      case 'map':
      case 'set':
        return { type: 'array', ...this.#items(schema, def), ...sizeLimits(schema) }
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

  #items(schema: z.core.$ZodType, def: z.core.$ZodMapDef | z.core.$ZodSetDef): Json {
    if (this.#open.has(schema)) return {}
    this.#open.add(schema)
    const value = this.of(def.valueType)
    const items =
      def.type === 'set'
        ? { items: value, uniqueItems: true }
        : { items: { type: 'array', prefixItems: [this.of(def.keyType), value], ...pair } }
    this.#open.delete(schema)
    return items
  }
}

const pair = { items: false, minItems: 2 }
const bigintForm = {
  type: 'string',
  pattern: '^-?\\d+$',
  maxLength: bigintDigitsMax,
  format: 'bigint',
}

function literalForm(values: readonly unknown[]): Json {
  const forms = values
    .filter((value) => value !== undefined)
    .map((value) => (typeof value === 'bigint' ? String(value) : value))
  const isText = forms.every((form) => typeof form === 'string')
  const type = isText ? 'string' : [...new Set(forms.map(typeOf))]
  return forms.length === 1 ? { type, const: forms[0] } : { type, enum: forms }
}

function typeOf(form: unknown): string {
  return form === null ? 'null' : typeof form
}

function sizeLimits(schema: z.core.$ZodType): Json {
  const limits: Json = {}
  for (const check of schema._zod.def.checks ?? []) {
    const { def } = (check as z.core.$ZodChecks)._zod
    if (def.check === 'min_size') limits['minItems'] = def.minimum
    if (def.check === 'max_size') limits['maxItems'] = def.maximum
    if (def.check === 'size_equals')
      Object.assign(limits, { minItems: def.size, maxItems: def.size })
  }
  return limits
}

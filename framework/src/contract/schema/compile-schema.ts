import * as z from 'zod'
import { type Checked, type CompiledSchema, type Invalid, invalid } from './compiled-schema.ts'

/** Compiles a schema once; keep the result. */
export function compileSchema<S extends z.ZodType>(schema: S): CompiledSchema<z.output<S>> {
  const copy = (value: unknown): Checked<z.output<S>> => {
    const result = schema.safeParse(value)
    if (result.success) return { ok: true, value: result.data }
    return { ok: false, issues: result.error.issues as never }
  }
  const copyOrInvalid = (value: unknown): z.output<S> | Invalid => {
    const result = copy(value)
    return result.ok ? result.value : invalid
  }
  return {
    schema,
    copy,
    decode: copy,
    decodeText: copy,
    encode: (value) => JSON.stringify(value),
    jsonSchema: (view) => z.toJSONSchema(schema, { io: view, unrepresentable: 'any' }),
    copyOrInvalid,
    decodeOrInvalid: copyOrInvalid,
  }
}

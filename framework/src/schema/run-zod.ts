import { core } from 'zod'
import { invalid } from './compiled-schema.ts'
import type { Check } from './node.ts'

/** Runs one node of zod, checks included, and leaves the issues to whoever asks zod again. */
export function runSchema(schema: core.$ZodType, value: unknown): unknown {
  return settled(schema._zod.run({ value, issues: [] }, { async: false }))
}

/** Runs one check of zod on a value of the right type; the check may replace the value. */
export function runCheck(check: Check, value: unknown): unknown {
  const payload: core.ParsePayload = { value, issues: [] }
  const { when } = check._zod.def
  if (when !== undefined && !when(payload)) return value
  const pending = check._zod.check(payload)
  if (pending instanceof Promise) throw new core.$ZodAsyncError()
  return payload.issues.length === 0 ? payload.value : invalid
}

/** The forward step of a codec, between its two sides. */
export function runCodec(codec: core.$ZodCodecDef, value: unknown): unknown {
  const payload: core.ParsePayload = { value, issues: [] }
  const result = codec.transform(value, payload)
  if (result instanceof Promise) throw new core.$ZodAsyncError()
  return payload.issues.length === 0 ? result : invalid
}

function settled(result: core.ParsePayload | Promise<core.ParsePayload>): unknown {
  if (result instanceof Promise) throw new core.$ZodAsyncError()
  return result.issues.length === 0 ? result.value : invalid
}

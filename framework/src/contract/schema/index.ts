/**
 * Schema compiler: a zod 4 schema becomes straight-line code that checks, copies, decodes and
 * encodes. What it refuses is judged again by zod, so meaning and messages are zod's.
 */
export {
  type Checked,
  type CompiledSchema,
  depthMax,
  type Invalid,
  invalid,
  type Issue,
  type TextFields,
} from './compiled-schema.ts'
export { compileSchema } from './compile-schema.ts'
export { redact, secret } from './secret.ts'

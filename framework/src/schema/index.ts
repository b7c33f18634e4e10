/**
 * Schema: a zod 4 schema becomes straight-line code that checks, copies, decodes and encodes, and
 * describes itself as JSON Schema. What the code refuses is judged again by zod, so meaning and
 * messages are zod's. Not for declaring schemas: that is zod itself.
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
export { redact, secret, secretFields } from './secret.ts'
export { describe } from './describe.ts'
export { childrenOf, type Node } from './node.ts'

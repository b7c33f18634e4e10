import type { core, z } from 'zod'
import { type JsonSchema, mapSubschemas } from './json-schema-tree.ts'
import { compileSchema } from '../schema/index.ts'

/** What may be sent, or what is answered. */
export type View = 'input' | 'output'

/** The wire form of a schema for a document. `readOnly` means something else in OpenAPI, and what is
 *  answered may grow, so that it is not closed to other fields. */
export function describeWire(schema: core.$ZodType, view: View): JsonSchema {
  const described = compileSchema(schema as z.ZodType).jsonSchema(view)
  const open = (part: JsonSchema): JsonSchema => {
    const { readOnly: _, ...kept } = part
    return mapSubschemas(view === 'output' ? answered(kept) : kept, open)
  }
  return open(described)
}

/** What is answered always has its defaults. */
function answered(part: JsonSchema): JsonSchema {
  const { default: _, ...kept } = part
  if (kept['additionalProperties'] !== false) return kept
  const { additionalProperties: _closed, ...open } = kept
  return open
}

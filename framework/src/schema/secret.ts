import * as z from 'zod'
import { describe } from './describe.ts'
import { childrenOf, type Node, reaches } from './node.ts'
import { redactNode } from './redact-node.ts'

const secrets = z.registry<{ readonly secret: true }>()
const redactors = new WeakMap<z.core.$ZodType, (value: unknown) => unknown>()

/** Marks the values of a schema as secret: `redact` writes `[redacted]` in their place.
 *  Returns the same schema; `optional()`, `min()` and the like keep the mark. */
export function secret<S extends z.ZodType>(schema: S): S {
  secrets.add(schema, { secret: true })
  return schema
}

/** The value for logs: wherever the schema says secret, `[redacted]`. The value need not be valid:
 *  where several options of a union might apply, what any of them calls secret is left out.
 *  Parts in which nothing is secret are shared with the input, not copied: write it out at once.
 *  Cost: O(1) for a schema without secrets. */
export function redact(of: z.ZodType | { readonly schema: z.ZodType }, value: unknown): unknown {
  const schema: z.core.$ZodType = '_zod' in of ? of : of.schema
  let redactor = redactors.get(schema)
  if (redactor === undefined) {
    redactor = createRedactor(describe(schema))
    redactors.set(schema, redactor)
  }
  return redactor(value)
}

function createRedactor(node: Node): (value: unknown) => unknown {
  const secretBelow = new Set<Node>()
  const isSecret = (one: Node): boolean => secrets.get(one.schema) !== undefined
  reaches(node, (one) => {
    if (reaches(one, isSecret)) secretBelow.add(one)
    return false
  })
  if (secretBelow.size === 0) return (value) => value
  return (value) => redactNode(node, value, { isSecret, secretBelow, depth: 0 })
}

/** Names of the fields that hold secret values, at any depth: whoever writes values of which only the
 *  names are known leaves these out. A list or a record of secrets counts by the field that holds it. */
export function secretFields(schema: z.ZodType): readonly string[] {
  const names = new Set<string>()
  reaches(describe(schema), ({ shape }) => {
    if (shape.kind !== 'object') return false
    for (const { key, node } of shape.fields) if (holdsSecret(node)) names.add(String(key))
    return false
  })
  return [...names]
}

/** Whether a value of the node is secret or consists of secrets; fields of objects below have names
 *  of their own. */
function holdsSecret(node: Node, seen: Set<Node> = new Set()): boolean {
  if (secrets.get(node.schema) !== undefined) return true
  if (node.shape.kind === 'object' || seen.has(node)) return false
  seen.add(node)
  return childrenOf(node).some((child) => holdsSecret(child, seen))
}

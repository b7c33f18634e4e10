import { invalid } from './compiled-schema.ts'
import type { Node } from './node.ts'
import type { Emitter, Form } from './emitter.ts'
import { copyPlain } from './plain.ts'
import { revive } from './revive.ts'
import { runSchema } from './run-zod.ts'

/** Emits a call of zod for the whole node: what cannot be said in straight-line code. */
export function emitOpaque(emitter: Emitter, node: Node, input: string): string {
  const run = emitter.constant(runners[emitter.form])
  const result = emitter.writer.variable(`${run}(${emitter.constant(node)}, ${input})`)
  emitter.line(`if (${result} === I) return I`)
  return result
}

const runners: Readonly<Record<Form, (node: Node, value: unknown) => unknown>> = {
  domain: (node, value) => {
    const result = runSchema(node.schema, value)
    return result === invalid ? invalid : copyPlain(result)
  },
  wire: (node, wire) => runners.domain(node, revive(node, wire, 'wire')),
  text: (node, wire) => runners.domain(node, revive(node, wire, 'text')),
}

/** The default, unshared where it is plain data; an instance is the schema's own affair. */
export function readDefault(source: { readonly defaultValue: unknown }): unknown {
  const value = source.defaultValue
  const copy = copyPlain(value)
  return copy === invalid ? value : copy
}

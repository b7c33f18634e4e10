import { core } from 'zod'
import { encodePlain, encodeString } from './encode-plain.ts'
import { type Node, reaches } from './node.ts'

/** Whether a value has to be turned back before it can travel. */
export function hasCodec(node: Node): boolean {
  const known = codecBelow.get(node)
  if (known !== undefined) return known
  const found = reaches(node, (one) => one.shape.kind === 'pipe' && one.shape.codec !== undefined)
  codecBelow.set(node, found)
  return found
}

const codecBelow = new WeakMap<Node, boolean>()

/** JSON text without generated code: codecs are turned back by zod, the rest is encoded by its
 *  run-time type. A codec next to a one-way transform inside one union, record or the like cannot
 *  be told apart from it: such a value is encoded as it is.
 *  @throws ZodError where a codec refuses to turn back a value. */
export function encodeThroughZod(node: Node, value: unknown): string {
  if (!hasCodec(node) || value === undefined || value === null) return encodePlain(value)
  const { shape } = node
  switch (shape.kind) {
    case 'object': {
      if (typeof shape.rest !== 'string') break
      const parts = shape.fields.flatMap(({ key, node: field }) => {
        if (typeof key === 'symbol' || !Object.hasOwn(value, key)) return []
        const item: unknown = Reflect.get(value, key)
        if (item === undefined) return []
        return [`${encodeString(key)}:${encodeThroughZod(field, item)}`]
      })
      return `{${parts.join(',')}}`
    }
    case 'array':
    case 'set':
      return `[${[...(value as Iterable<unknown>)]
        .map((item) => encodeThroughZod(shape.element, item))
        .join(',')}]`
    case 'optional':
    case 'nullable':
    case 'default':
    case 'readonly':
    case 'required':
    case 'lazy':
      return encodeThroughZod(shape.inner, value)
    default:
  }
  return encodePlain(isOneWay(node) ? value : core.encode(node.schema, value))
}

/** Whether decoding loses what encoding would need: a transform, or a coercion behind a pipe. */
export function isOneWay(node: Node): boolean {
  return reaches(node, ({ shape }) => {
    if (shape.kind === 'transform') return true
    return shape.kind === 'pipe' && !shape.codec && shape.output.shape.kind === 'opaque'
  })
}

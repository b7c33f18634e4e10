import { depthMax } from './compiled-schema.ts'
import { childrenOf, type Node, type Shape } from './node.ts'

/** What `redact` writes in place of a secret value. */
export const redactedText = '[redacted]'

interface Scope {
  readonly isSecret: (node: Node) => boolean
  /** The nodes from which a secret one can be reached. */
  readonly secretBelow: ReadonlySet<Node>
  readonly depth: number
}

/** Invariant: fails closed. What has not the form in which the secret could be found, and what is
 *  nested deeper than `depthMax`, is left out as a whole. */
export function redactNode(node: Node, value: unknown, scope: Scope): unknown {
  if (value === undefined || value === null || !scope.secretBelow.has(node)) return value
  if (scope.isSecret(node) || scope.depth > depthMax) return redactedText
  const below = { ...scope, depth: scope.depth + 1 }
  const { shape } = node
  switch (shape.kind) {
    case 'object':
      return redactObject(shape, value, below)
    case 'record':
      return isRecord(value)
        ? mapEntries(value, (_, item) => redactNode(shape.value, item, below))
        : redactedText
    case 'array':
    case 'set':
      return mapItems(value, (item) => redactNode(shape.element, item, below))
    case 'tuple':
      return mapItems(value, (item, index) => {
        const one = shape.items[index] ?? shape.rest
        return one === undefined ? item : redactNode(one, item, below)
      })
    case 'map':
      return redactMap(shape, value, below)
    default:
      return redactThrough(node, value, below)
  }
}

/** Every branch that might apply has its say; a plain value is kept when a plain branch exists. */
function redactThrough(node: Node, value: unknown, scope: Scope): unknown {
  const children = childrenOf(node)
  const isPlain = typeof value !== 'object'
  const isUnion = node.shape.kind === 'union' || node.shape.kind === 'cases'
  if (isUnion && isPlain && children.some((one) => !scope.secretBelow.has(one))) return value
  return children.reduce((redacted, child) => redactNode(child, redacted, scope), value)
}

function redactObject(
  shape: Extract<Shape, { kind: 'object' }>,
  value: unknown,
  scope: Scope,
): unknown {
  if (!isRecord(value)) return redactedText
  const nodes = new Map(shape.fields.map(({ key, node }) => [key, node]))
  return mapEntries(value, (key, item) => {
    const node = nodes.get(key) ?? (typeof shape.rest === 'string' ? undefined : shape.rest)
    return node === undefined ? item : redactNode(node, item, scope)
  })
}

function redactMap(shape: Extract<Shape, { kind: 'map' }>, value: unknown, scope: Scope): unknown {
  // on the wire a map is a list of pairs
  const pairs = value instanceof Map ? [...value] : value
  if (!Array.isArray(pairs) || !pairs.every(Array.isArray)) return redactedText
  return pairs.map(([key, item]) => [
    redactNode(shape.key, key, scope),
    redactNode(shape.value, item, scope),
  ])
}

function mapItems(value: unknown, change: (item: unknown, index: number) => unknown): unknown {
  if (value instanceof Set) return [...value].map(change)
  return Array.isArray(value) ? value.map(change) : redactedText
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function mapEntries(
  value: Readonly<Record<string, unknown>>,
  change: (key: string, item: unknown) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, change(key, item)]))
}

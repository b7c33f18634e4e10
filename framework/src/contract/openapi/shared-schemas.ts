import type { core } from 'zod'
import { childrenOf, describe, type Node } from '../../schema/index.ts'
import { pascal } from './names.ts'

/** A schema as an operation, a failure or an event names it. */
export interface RootSchema {
  readonly schema: core.$ZodType
  /** What it is called where nothing better is known: `InventoryReserveInput`. */
  readonly name: string
}

/** A schema value that stands in more than one place. */
export interface SharedSchema {
  readonly schema: core.$ZodType
  readonly name: string
}

const shareableKinds: ReadonlySet<string> = new Set(['object', 'cases'])

/** The objects and discriminated unions that are used in two places or more, told apart by identity
 *  and named after their first place. */
export function findSharedSchemas(roots: readonly RootSchema[]): readonly SharedSchema[] {
  const walk = new Walk()
  for (const { schema, name } of roots) walk.visit(describe(schema), name)
  return walk.shared()
}

/** The shareable schemas that can be reached from `root`, itself included. */
export function shareableBelow(root: core.$ZodType): ReadonlySet<core.$ZodType> {
  const walk = new Walk()
  walk.visit(describe(root), '')
  return new Set(walk.places.keys())
}

class Walk {
  readonly places: Map<core.$ZodType, { name: string; count: number }> = new Map()
  readonly #open = new Set<Node>()

  visit(node: Node, name: string): void {
    // a recursive schema without an object on its way ends here
    if (this.#open.has(node)) return
    if (shareableKinds.has(node.shape.kind)) {
      const known = this.places.get(node.schema)
      if (known !== undefined) {
        known.count++
        return
      }
      this.places.set(node.schema, { name, count: 1 })
    }
    this.#open.add(node)
    this.#descend(node, name)
    this.#open.delete(node)
  }

  shared(): readonly SharedSchema[] {
    return [...this.places]
      .filter(([, { count }]) => count > 1)
      .map(([schema, { name }]) => ({ schema, name }))
  }

  #descend(node: Node, name: string): void {
    const { shape } = node
    if (shape.kind !== 'object') {
      for (const child of childrenOf(node)) this.visit(child, name)
      return
    }
    for (const field of shape.fields) this.visit(field.node, name + pascal(String(field.key)))
    if (typeof shape.rest !== 'string') this.visit(shape.rest, name)
  }
}

import type { core } from 'zod'

/** A check of zod, run on values whose type has been tested. */
export type Check = core.$ZodCheck<unknown>

/** A zod schema as the compiler sees it. Built by `describe`, read by every walker and emitter. */
export interface Node {
  readonly schema: core.$ZodType
  /** Checks in the order in which zod runs them after the type test. */
  readonly checks: readonly Check[]
  /** What the field's absence means, as zod says: not allowed, allowed, or filled in. */
  readonly absentIn: 'optional' | 'defaulted' | undefined
  readonly absentOut: 'optional' | undefined
  readonly shape: Shape
  /** How many places refer to it: shared nodes become functions of their own. */
  readonly uses: number
  /** It contains itself. */
  readonly recursive: boolean
}

export interface Field {
  readonly key: string | symbol
  readonly node: Node
}

/** One case of a discriminated union: the values of the discriminator that choose it. */
export interface Case {
  readonly values: readonly core.util.Primitive[]
  readonly node: Node
}

export type Shape =
  | { readonly kind: 'string' }
  | { readonly kind: 'number' }
  | { readonly kind: 'bigint' }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'null' }
  | { readonly kind: 'undefined' }
  | { readonly kind: 'date' }
  | { readonly kind: 'bytes' }
  | { readonly kind: 'anything' }
  /** A closed set of primitive values: literal and enum. */
  | { readonly kind: 'values'; readonly values: readonly core.util.Primitive[] }
  /** zod runs it; the result is a primitive, or is copied structurally. */
  | { readonly kind: 'opaque'; readonly inner: Node | undefined }
  | {
      readonly kind: 'object'
      readonly fields: readonly Field[]
      /** The keys that are not unknown: those of the fields, and a stripped `__proto__`. */
      readonly declared: readonly string[]
      readonly rest: Rest
    }
  | { readonly kind: 'array'; readonly element: Node }
  | { readonly kind: 'tuple'; readonly items: readonly Node[]; readonly rest: Node | undefined }
  | {
      readonly kind: 'record'
      readonly key: Node
      readonly value: Node
      readonly mode: 'any key' | 'each value' | 'loose'
    }
  | { readonly kind: 'map'; readonly key: Node; readonly value: Node }
  | { readonly kind: 'set'; readonly element: Node }
  | { readonly kind: 'optional'; readonly inner: Node; readonly exact: boolean }
  | { readonly kind: 'nullable'; readonly inner: Node }
  | {
      readonly kind: 'default'
      readonly inner: Node
      /** The getter is zod's: a static default is cloned, a function is called, at each read. */
      readonly source: { readonly defaultValue: unknown }
      readonly prefault: boolean
    }
  | { readonly kind: 'readonly'; readonly inner: Node }
  | { readonly kind: 'required'; readonly inner: Node }
  | { readonly kind: 'union'; readonly options: readonly Node[] }
  | { readonly kind: 'cases'; readonly key: string; readonly cases: readonly Case[] }
  | { readonly kind: 'intersection'; readonly left: Node; readonly right: Node }
  | { readonly kind: 'lazy'; readonly inner: Node }
  | {
      readonly kind: 'pipe'
      readonly input: Node
      readonly output: Node
      readonly codec: core.$ZodCodecDef | undefined
    }
  | { readonly kind: 'transform' }

/** Unknown keys: dropped, refused, or checked by a node. */
export type Rest = 'strip' | 'strict' | Node

/** The nodes directly below. */
export function childrenOf(node: Node): readonly Node[] {
  const { shape } = node
  switch (shape.kind) {
    case 'object': {
      const fields = shape.fields.map((field) => field.node)
      return typeof shape.rest === 'string' ? fields : [...fields, shape.rest]
    }
    case 'tuple':
      return shape.rest === undefined ? shape.items : [...shape.items, shape.rest]
    case 'record':
    case 'map':
      return [shape.key, shape.value]
    case 'array':
    case 'set':
      return [shape.element]
    case 'union':
      return shape.options
    case 'cases':
      return shape.cases.map((one) => one.node)
    case 'intersection':
      return [shape.left, shape.right]
    case 'pipe':
      return [shape.input, shape.output]
    default:
      return 'inner' in shape && shape.inner !== undefined ? [shape.inner] : []
  }
}

/** Whether the node, or one that can be reached from it, satisfies the test. */
export function reaches(node: Node, test: (node: Node) => boolean): boolean {
  const seen = new Set<Node>()
  const pending = [node]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (seen.has(next)) continue
    seen.add(next)
    if (test(next)) return true
    pending.push(...childrenOf(next))
  }
  return false
}

/** Kinds that refuse undefined by their type test. */
const definite = new Set([
  ...['string', 'number', 'bigint', 'boolean', 'null', 'date', 'bytes'],
  ...['object', 'array', 'tuple', 'record', 'map', 'set', 'cases', 'required'],
])

/** False where undefined is certainly refused, and never comes out. */
export function mayTakeUndefined(node: Node): boolean {
  if (node.shape.kind === 'values') return node.shape.values.includes(undefined)
  return !definite.has(node.shape.kind)
}

import type { core } from 'zod'
import { runSchema } from './run-zod.ts'
import { invalid } from './compiled-schema.ts'
import { childrenOf, type Node, type Shape } from './node.ts'
import {
  booleanFromText,
  bigintFromWire,
  bytesFromWire,
  dateFromWire,
  numberFromText,
} from './wire-scalars.ts'

/** Wire is parsed JSON; text is fields of a path or a query string. */
export type WireForm = 'wire' | 'text'

/** Turns a wire value into the domain form, as far as it has the right shape; what has not stays as
 *  it is, for zod to refuse. Runs no check. The compiled decoder is this and the check in one.
 *  Requires: the value is not nested too deeply (see `nestingIssue`). */
export function revive(node: Node, wire: unknown, form: WireForm): unknown {
  const { shape } = node
  switch (shape.kind) {
    case 'bigint':
      return or(bigintFromWire(wire), wire)
    case 'date':
      return or(dateFromWire(wire), wire)
    case 'bytes':
      return or(bytesFromWire(wire), wire)
    case 'number':
      return form === 'text' ? or(numberFromText(wire), wire) : wire
    case 'boolean':
      return form === 'text' ? or(booleanFromText(wire), wire) : wire
    case 'undefined':
      return wire === null ? undefined : wire
    case 'values':
      return reviveValue(shape.values, wire, form)
    case 'object':
      return isRecord(wire) ? reviveObject(shape, wire, form) : wire
    case 'record':
      return isRecord(wire) ? mapEntries(wire, (item) => revive(shape.value, item, form)) : wire
    case 'array':
    case 'tuple':
    case 'map':
    case 'set':
      return reviveSequence(shape, wire, form)
    default:
      return reviveThrough(node, wire, form)
  }
}

function reviveThrough(node: Node, wire: unknown, form: WireForm): unknown {
  const { shape } = node
  switch (shape.kind) {
    case 'optional':
    case 'default':
    case 'readonly':
    case 'required':
    case 'lazy':
      return wire === undefined ? wire : revive(shape.inner, wire, form)
    case 'nullable':
      return wire === null ? wire : revive(shape.inner, wire, form)
    case 'opaque':
      return shape.inner === undefined ? wire : revive(shape.inner, wire, form)
    case 'pipe':
      return revive(shape.input, wire, form)
    case 'intersection':
      return revive(shape.right, revive(shape.left, wire, form), form)
    case 'union':
      return reviveUnion(shape.options, wire, form)
    case 'cases': {
      if (!isRecord(wire)) return wire
      const chosen = shape.cases.find((one) => chooses(one.values, wire[shape.key], form))
      return chosen === undefined ? wire : revive(chosen.node, wire, form)
    }
    default:
      return wire
  }
}

function chooses(values: readonly core.util.Primitive[], wire: unknown, form: WireForm): boolean {
  return isOneOf(values, reviveValue(values, wire, form))
}

/** The first option that accepts its own reading of the wire value wins. */
function reviveUnion(options: readonly Node[], wire: unknown, form: WireForm): unknown {
  for (const option of options) {
    const candidate = revive(option, wire, form)
    if (runSchema(option.schema, candidate) !== invalid) return candidate
  }
  return wire
}

function reviveObject(
  shape: Extract<Shape, { kind: 'object' }>,
  wire: Readonly<Record<string, unknown>>,
  form: WireForm,
): Record<string, unknown> {
  const nodes = new Map<string | symbol, Node>(shape.fields.map(({ key, node }) => [key, node]))
  const { rest } = shape
  const result = mapEntries(wire, (item, key) => {
    const node = nodes.get(key) ?? (typeof rest === 'string' ? undefined : rest)
    return node === undefined ? item : revive(node, item, form)
  })
  for (const { key, node } of shape.fields) {
    if (typeof key === 'string' && !Object.hasOwn(result, key) && isUndefinedOmitted(node)) {
      result[key] = undefined
    }
  }
  return result
}

function reviveSequence(
  shape: Extract<Shape, { kind: 'array' | 'tuple' | 'map' | 'set' }>,
  wire: unknown,
  form: WireForm,
): unknown {
  const isOne = form === 'text' && typeof wire === 'string' && shape.kind !== 'map'
  const items: unknown = isOne ? [wire] : wire
  if (!Array.isArray(items)) return wire
  switch (shape.kind) {
    case 'array':
      return items.map((item) => reviveElement(shape.element, item, form))
    case 'set':
      return new Set(items.map((item) => reviveElement(shape.element, item, form)))
    case 'tuple':
      return items.map((item, index) => {
        const node = shape.items[index] ?? shape.rest
        return node === undefined ? item : reviveElement(node, item, form)
      })
    case 'map': {
      if (!items.every((pair) => Array.isArray(pair) && pair.length === 2)) return wire
      const map = new Map(
        items.map(([key, item]) => [
          reviveElement(shape.key, key, form),
          reviveElement(shape.value, item, form),
        ]),
      )
      // A key that comes twice would be read differently by others, and hide what its first value is.
      return map.size === items.length ? map : wire
    }
  }
}

/** Where `undefined` cannot be left out, in a list and at the root, it travels as null. */
export function reviveElement(node: Node, wire: unknown, form: WireForm): unknown {
  return wire === null && isNullUndefined(node) ? undefined : revive(node, wire, form)
}

/** A closed set of values: what JSON or text cannot say is recognised by its text. */
function reviveValue(
  values: readonly core.util.Primitive[],
  wire: unknown,
  form: WireForm,
): unknown {
  return isOneOf(values, wire) ? wire : or(valuesByWire(values, form).get(wire), wire)
}

function isOneOf(values: readonly unknown[], value: unknown): boolean {
  return values.includes(value)
}

/** The values that have another form on the wire, by that form. */
export function valuesByWire(
  values: readonly core.util.Primitive[],
  form: WireForm,
): ReadonlyMap<unknown, unknown> {
  const result = new Map<unknown, unknown>()
  for (const value of values) {
    const isTextual = form === 'text' ? typeof value !== 'string' : typeof value === 'bigint'
    if (isTextual && value !== undefined && !result.has(String(value))) {
      result.set(String(value), value)
    }
  }
  return result
}

/** Whether null in a list stands for undefined: the node takes undefined and not null. */
export function isNullUndefined(node: Node): boolean {
  return takes(node, 'undefined') && !takes(node, 'null')
}

/** Whether an absent required field stands for an undefined one: the node says so itself. */
export function isUndefinedOmitted(node: Node): boolean {
  return node.absentIn === undefined && takes(node, 'undefined')
}

function takes(node: Node, what: 'undefined' | 'null', depth = 0): boolean {
  const { shape } = node
  if (shape.kind === what) return true
  if (shape.kind === 'optional' && !shape.exact && what === 'undefined') return true
  if (shape.kind === 'nullable' && what === 'null') return true
  if (shape.kind === 'values') return shape.values.includes(what === 'null' ? null : undefined)
  if (shape.kind === 'anything') return what === 'null'
  if (shape.kind === 'opaque' || shape.kind === 'required' || depth > 8) return false
  if (shape.kind === 'pipe') return takes(shape.input, what, depth + 1)
  const isThrough = ['optional', 'nullable', 'default', 'readonly', 'union', 'lazy'].includes(
    shape.kind,
  )
  return isThrough && childrenOf(node).some((child) => takes(child, what, depth + 1))
}

function or(converted: unknown, wire: unknown): unknown {
  return converted === invalid || converted === undefined ? wire : converted
}

function isRecord(wire: unknown): wire is Readonly<Record<string, unknown>> {
  return typeof wire === 'object' && wire !== null && !Array.isArray(wire)
}

/** Keeps every key, also `__proto__`, for zod to see; and inherits none, for JSON has no prototypes:
 *  an absent `constructor` is absent. */
function mapEntries(
  wire: Readonly<Record<string, unknown>>,
  change: (item: unknown, key: string) => unknown,
): Record<string, unknown> {
  const result: Record<string, unknown> = Object.create(null)
  for (const [key, item] of Object.entries(wire)) result[key] = change(item, key)
  return result
}

import type { Node, Shape } from './node.ts'
import { access } from './code-writer.ts'
import type { Emitter } from './emitter.ts'
import { isNullUndefined } from './revive.ts'
import { core } from 'zod'

type ShapeOf<Kind extends Shape['kind']> = Extract<Shape, { kind: Kind }>

/** Names the list that the input is in this form: one text may stand for a list of one. */
function listOf(emitter: Emitter, input: string): string {
  const list = emitter.writer.variable(
    emitter.form === 'text' ? `typeof ${input} === 'string' ? [${input}] : ${input}` : input,
  )
  emitter.line(`if (!Array.isArray(${list})) return I`)
  return list
}

/** Emits an element of a list, in which undefined travels as null. */
function emitElement(emitter: Emitter, node: Node, expression: string): string {
  const item = emitter.writer.variable(expression)
  if (emitter.form !== 'domain' && isNullUndefined(node)) {
    emitter.line(`if (${item} === null) ${item} = undefined`)
  }
  return emitter.emit(node, item)
}

export function emitArray(emitter: Emitter, shape: ShapeOf<'array'>, input: string): string {
  const list = listOf(emitter, input)
  const result = emitter.writer.variable(`new Array(${list}.length)`)
  const index = emitter.writer.fresh('i')
  emitter.line(`for (let ${index} = 0; ${index} < ${list}.length; ${index}++) {`)
  const item = emitElement(emitter, shape.element, `${list}[${index}]`)
  emitter.line(`${result}[${index}] = ${item}`)
  emitter.line('}')
  return result
}

/** Requires: no item may be absent; the others are left to zod. */
export function emitTuple(emitter: Emitter, shape: ShapeOf<'tuple'>, input: string): string {
  const list = listOf(emitter, input)
  const length = shape.items.length
  const compare = shape.rest === undefined ? '!==' : '<'
  emitter.line(`if (${list}.length ${compare} ${length}) return I`)
  const items = shape.items.map((item, at) => emitElement(emitter, item, `${list}[${at}]`))
  const result = emitter.writer.variable(`[${items.join(', ')}]`)
  if (shape.rest !== undefined) {
    const index = emitter.writer.fresh('i')
    emitter.line(`for (let ${index} = ${length}; ${index} < ${list}.length; ${index}++) {`)
    emitter.line(`${result}.push(${emitElement(emitter, shape.rest, `${list}[${index}]`)})`)
    emitter.line('}')
  }
  return result
}

/** Requires: the keys are text; see `isTextRecord`. */
export function emitRecord(emitter: Emitter, shape: ShapeOf<'record'>, input: string): string {
  emitter.line(`if (!${emitter.constant(core.util.isPlainObject)}(${input})) return I`)
  return shape.mode === 'each value'
    ? emitEachValue(emitter, shape, input)
    : emitAnyKey(emitter, shape, input)
}

/** Whether the keys of a record are text, and checked by their type or as any key is. */
export function isTextRecord({ key, mode }: ShapeOf<'record'>): boolean {
  if (mode === 'loose') return false
  if (key.shape.kind === 'string') return true
  const isClosed = key.shape.kind === 'values' && key.checks.length === 0
  return isClosed && key.shape.values.every((value) => typeof value === 'string')
}

/** Every key of a closed set, in the set's order. */
function emitEachValue(emitter: Emitter, shape: ShapeOf<'record'>, input: string): string {
  const keys = shape.key.shape.kind === 'values' ? shape.key.shape.values : []
  const result = emitter.writer.variable('{}')
  for (const key of keys) {
    if (typeof key !== 'string' || key === '__proto__') continue
    const read = access(emitter.writer, input, key)
    const isOwnOnly = emitter.form !== 'domain' && key in Object.prototype
    const own = `Object.hasOwn(${input}, ${JSON.stringify(key)}) ? ${read} : undefined`
    const value = emitter.writer.variable(isOwnOnly ? own : read)
    emitter.line(`${access(emitter.writer, result, key)} = ${emitter.emit(shape.value, value)}`)
  }
  const known = emitter.constant(new Set(keys))
  const key = emitter.writer.fresh('k')
  emitter.line(`for (const ${key} in ${input}) if (!${known}.has(${key})) return I`)
  return result
}

function emitAnyKey(emitter: Emitter, shape: ShapeOf<'record'>, input: string): string {
  // a symbol is no text: zod says which
  emitter.line(`if (Object.getOwnPropertySymbols(${input}).length > 0) return I`)
  const result = emitter.writer.variable('{}')
  const key = emitter.writer.fresh('k')
  emitter.line(`for (const ${key} of Object.keys(${input})) {`)
  emitter.line(`if (${key} === '__proto__') continue`)
  const keyCopy = emitter.domain.emit(shape.key, key)
  emitter.line(`if (${keyCopy} === '__proto__') continue`)
  const value = emitter.writer.variable(`${input}[${key}]`)
  emitter.line(`${result}[${keyCopy}] = ${emitter.emit(shape.value, value)}`)
  emitter.line('}')
  return result
}

export function emitMap(emitter: Emitter, shape: ShapeOf<'map'>, input: string): string {
  const isDomain = emitter.form === 'domain'
  emitter.line(
    `if (!${isDomain ? `(${input} instanceof Map)` : `Array.isArray(${input})`}) return I`,
  )
  const result = emitter.writer.variable('new Map()')
  const pair = emitter.writer.fresh('p')
  emitter.line(`for (const ${pair} of ${input}) {`)
  if (!isDomain) emitter.line(`if (!Array.isArray(${pair}) || ${pair}.length !== 2) return I`)
  const key = emitElement(emitter, shape.key, `${pair}[0]`)
  if (!isDomain) emitter.line(`if (${result}.has(${key})) return I`)
  const value = emitElement(emitter, shape.value, `${pair}[1]`)
  emitter.line(`${result}.set(${key}, ${value})`)
  emitter.line('}')
  return result
}

export function emitSet(emitter: Emitter, shape: ShapeOf<'set'>, input: string): string {
  const isDomain = emitter.form === 'domain'
  const items = isDomain ? input : listOf(emitter, input)
  if (isDomain) emitter.line(`if (!(${input} instanceof Set)) return I`)
  const result = emitter.writer.variable('new Set()')
  const item = emitter.writer.fresh('e')
  emitter.line(`for (const ${item} of ${items}) {`)
  emitter.line(`${result}.add(${emitElement(emitter, shape.element, item)})`)
  emitter.line('}')
  return result
}

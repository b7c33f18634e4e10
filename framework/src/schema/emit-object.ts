import { access, keyValue, literalKey } from './code-writer.ts'
import { type Field, mayTakeUndefined, type Rest, type Shape } from './node.ts'
import type { Emitter } from './emitter.ts'
import { isUndefinedOmitted } from './revive.ts'

type ObjectShape = Extract<Shape, { kind: 'object' }>

/** One property of the result: always there, or only under a condition. */
interface Property {
  readonly key: string | symbol
  readonly value: string
  readonly condition: string | undefined
}

/** Optional properties up to this many are written as one literal for each combination. */
const literalOptionalsMax = 2

/** Emits the check of every field, and the result with its keys in the schema's order. */
export function emitObject(emitter: Emitter, shape: ObjectShape, input: string): string {
  emitter.line(
    `if (typeof ${input} !== 'object' || ${input} === null || Array.isArray(${input})) return I`,
  )
  const properties = shape.fields.map((field) => emitField(emitter, field, input))
  const result = emitResult(emitter, properties)
  emitRest(emitter, shape, input, result)
  return result
}

function emitField(emitter: Emitter, field: Field, input: string): Property {
  const { key, node } = field
  const isOwnOnly = emitter.form !== 'domain' && key in Object.prototype
  const name = keyValue(emitter.writer, key)
  // zod reads what an object inherits; JSON inherits nothing
  const isPresent = isOwnOnly ? `Object.hasOwn(${input}, ${name})` : `${name} in ${input}`
  const read = access(emitter.writer, input, key)
  const value = emitter.writer.variable(isOwnOnly ? `${isPresent} ? ${read} : undefined` : read)
  if (node.absentIn === 'optional' && node.absentOut === 'optional') {
    return emitOptionalField(emitter, field, value, isPresent)
  }
  if (node.absentIn === 'defaulted' && node.absentOut === 'optional') {
    return emitDefaultedOptional(emitter, field, value, isPresent)
  }
  if (node.absentIn === undefined && mayTakeUndefined(node)) {
    const isOmitted = emitter.form !== 'domain' && isUndefinedOmitted(node)
    if (!isOmitted) emitter.line(`if (${value} === undefined && !(${isPresent})) return I`)
  }
  const copy = emitter.emit(node, value)
  const condition =
    node.absentIn === 'optional' ? `(${copy} !== undefined || ${isPresent})` : undefined
  return { key, value: copy, condition }
}

/** Absent: nothing at all. Present, even as undefined: what the node makes of it. */
function emitOptionalField(
  emitter: Emitter,
  { key, node }: Field,
  value: string,
  isPresent: string,
): Property {
  const there = emitter.writer.variable(`${value} !== undefined || ${isPresent}`)
  const copy = emitter.writer.variable('undefined')
  emitter.line(`if (${there}) {`)
  emitter.line(`${copy} = ${emitter.emit(node, value)}`)
  emitter.line('}')
  return { key, value: copy, condition: there }
}

/** Absent: the default, or nothing when even that is refused. */
function emitDefaultedOptional(
  emitter: Emitter,
  { key, node }: Field,
  value: string,
  isPresent: string,
): Property {
  const copy = emitter.writer.variable(emitter.call(node, value))
  emitter.line(`if (${copy} === I) {`)
  emitter.line(`if (${isPresent}) return I`)
  emitter.line(`${copy} = undefined`)
  emitter.line('}')
  return { key, value: copy, condition: `(${copy} !== undefined || ${isPresent})` }
}

function emitResult(emitter: Emitter, properties: readonly Property[]): string {
  const conditional = properties.filter((property) => property.condition !== undefined)
  if (conditional.length <= literalOptionalsMax) {
    return emitter.writer.variable(literals(emitter, properties, conditional))
  }
  const first = properties.findIndex((property) => property.condition !== undefined)
  const result = emitter.writer.variable(literal(emitter, properties.slice(0, first)))
  for (const { key, value, condition } of properties.slice(first)) {
    const assign = `${access(emitter.writer, result, key)} = ${value}`
    emitter.line(condition === undefined ? assign : `if (${condition}) ${assign}`)
  }
  return result
}

/** An expression that picks the literal for the properties that are there. */
function literals(
  emitter: Emitter,
  properties: readonly Property[],
  open: readonly Property[],
): string {
  const [next, ...others] = open
  if (next === undefined) return literal(emitter, properties)
  const without = properties.filter((property) => property !== next)
  const [yes, no] = [literals(emitter, properties, others), literals(emitter, without, others)]
  return `${next.condition} ? ${yes} : ${no}`
}

function literal(emitter: Emitter, properties: readonly Property[]): string {
  const entries = properties.map(({ key, value }) => `${literalKey(emitter.writer, key)}: ${value}`)
  return `{ ${entries.join(', ')} }`
}

function emitRest(emitter: Emitter, shape: ObjectShape, input: string, result: string): void {
  const { rest } = shape
  if (rest === 'strip') return
  const key = emitter.writer.fresh('k')
  emitter.line(`for (const ${key} in ${input}) {`)
  const declared = emitter.constant(new Set(shape.declared))
  emitter.line(`if (${declared}.has(${key})) continue`)
  emitUnknown(emitter, rest, { input, result, key })
  emitter.line('}')
}

function emitUnknown(
  emitter: Emitter,
  rest: Exclude<Rest, 'strip'>,
  names: { readonly input: string; readonly result: string; readonly key: string },
): void {
  if (rest === 'strict') {
    emitter.line('return I')
    return
  }
  emitter.line(`if (${names.key} === '__proto__') continue`)
  const value = emitter.writer.variable(`${names.input}[${names.key}]`)
  emitter.line(`${names.result}[${names.key}] = ${emitter.emit(rest, value)}`)
}

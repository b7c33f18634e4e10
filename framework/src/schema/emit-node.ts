import { core } from 'zod'
import { access, primitive } from './code-writer.ts'
import { invalid } from './compiled-schema.ts'
import { emitChecks, emitSizeCap } from './emit-checks.ts'
import {
  emitArray,
  emitMap,
  emitRecord,
  emitSet,
  emitTuple,
  isTextRecord,
} from './emit-containers.ts'
import { emitObject } from './emit-object.ts'
import { emitLeaf } from './emit-leaf.ts'
import { emitOpaque, readDefault } from './emit-opaque.ts'
import type { Case, Node, Shape } from './node.ts'
import type { Emitter } from './emitter.ts'
import { runCodec, runSchema } from './run-zod.ts'

/** Emits the node's code on the variable `input`, its checks included. */
export function emitNode(emitter: Emitter, node: Node, input: string): string {
  if (isLeftToZod(node)) return emitOpaque(emitter, node, input)
  emitSizeCap(emitter, node, input)
  const result = emitShape(emitter, node, input)
  emitChecks(emitter, node, result)
  return result
}

/** Rare constructs whose rules are better kept in one place: zod, which runs their checks too. */
function isLeftToZod(node: Node): boolean {
  const { shape } = node
  switch (shape.kind) {
    case 'opaque':
    case 'transform':
      return true
    case 'default':
      return shape.prefault || node.checks.length > 0
    case 'optional':
      return shape.inner.absentIn === 'defaulted'
    case 'record':
      return !isTextRecord(shape)
    case 'tuple':
      return shape.items.some((item) => item.absentIn !== undefined || item.absentOut !== undefined)
    default:
      return false
  }
}

function emitShape(emitter: Emitter, node: Node, input: string): string {
  const { shape } = node
  switch (shape.kind) {
    case 'object':
      return emitObject(emitter, shape, input)
    case 'array':
      return emitArray(emitter, shape, input)
    case 'tuple':
      return emitTuple(emitter, shape, input)
    case 'record':
      return emitRecord(emitter, shape, input)
    case 'map':
      return emitMap(emitter, shape, input)
    case 'set':
      return emitSet(emitter, shape, input)
    case 'optional':
      return emitUnless(emitter, shape.exact ? undefined : 'undefined', shape.inner, input)
    case 'nullable':
      return emitUnless(emitter, 'null', shape.inner, input)
    case 'default':
      return emitDefault(emitter, shape, input)
    case 'readonly': {
      const result = emitter.emit(shape.inner, input)
      return emitter.writer.variable(`Object.freeze(${result})`)
    }
    case 'required': {
      const result = emitter.emit(shape.inner, input)
      emitter.line(`if (${result} === undefined) return I`)
      return result
    }
    case 'union':
      return emitUnion(emitter, shape.options, input)
    case 'cases':
      return emitCases(emitter, shape, node, input)
    case 'intersection':
      return emitIntersection(emitter, shape, input)
    case 'lazy':
      return emitter.emit(shape.inner, input)
    case 'pipe':
      return emitPipe(emitter, shape, input)
    default:
      return emitLeaf(emitter, shape, input)
  }
}

/** The inner node, unless the value is the one given. */
function emitUnless(
  emitter: Emitter,
  exception: 'undefined' | 'null' | undefined,
  inner: Node,
  input: string,
): string {
  if (exception === undefined) return emitter.emit(inner, input)
  const result = emitter.writer.variable(exception)
  emitter.line(`if (${input} !== ${exception}) {`)
  emitter.line(`${result} = ${emitter.emit(inner, input)}`)
  emitter.line('}')
  return result
}

function emitDefault(
  emitter: Emitter,
  shape: Extract<Shape, { kind: 'default' }>,
  input: string,
): string {
  const result = emitUnless(emitter, 'undefined', shape.inner, input)
  const read = `${emitter.constant(readDefault)}(${emitter.constant(shape.source)})`
  emitter.line(`if (${result} === undefined) ${result} = ${read}`)
  return result
}

/** The options in their order; the first that accepts wins. */
function emitUnion(emitter: Emitter, options: readonly Node[], input: string): string {
  const result = emitter.writer.variable('I')
  for (const option of options) {
    emitter.line(`if (${result} === I) ${result} = ${emitter.call(option, input)}`)
  }
  emitter.line(`if (${result} === I) return I`)
  return result
}

function emitCases(
  emitter: Emitter,
  shape: Extract<Shape, { kind: 'cases' }>,
  node: Node,
  input: string,
): string {
  const values = shape.cases.flatMap((one) => one.values)
  const isUnclear = new Set(values).size !== values.length || shape.cases.some(isEmpty)
  const isTextual = values.every((value) => typeof value === 'string')
  // a discriminator that is spelled otherwise on the wire, or may be absent, is left to zod
  const isPlain = values.every((value) => typeof value !== 'bigint' && value !== undefined)
  if (isUnclear || !isPlain || (emitter.form === 'text' && !isTextual)) {
    return emitOpaque(emitter, node, input)
  }
  emitter.line(`if (typeof ${input} !== 'object' || ${input} === null) return I`)
  emitter.line(`if (Array.isArray(${input})) return I`)
  const result = emitter.writer.variable('I')
  emitter.line(`switch (${access(emitter.writer, input, shape.key)}) {`)
  for (const one of shape.cases) {
    const labels = one.values.map((value) => `case ${primitive(emitter.writer, value)}:`)
    emitter.line(`${labels.join(' ')} ${result} = ${emitter.call(one.node, input)}; break`)
  }
  emitter.line('}')
  emitter.line(`if (${result} === I) return I`)
  return result
}

function isEmpty(one: Case): boolean {
  return one.values.length === 0
}

function emitIntersection(
  emitter: Emitter,
  shape: Extract<Shape, { kind: 'intersection' }>,
  input: string,
): string {
  const left = emitter.emit(shape.left, input)
  const right = emitter.emit(shape.right, input)
  const merge = emitter.constant(mergeBoth)
  const result = emitter.writer.variable(`${merge}(${left}, ${right})`)
  emitter.line(`if (${result} === I) return I`)
  return result
}

function mergeBoth(left: unknown, right: unknown): unknown {
  const merged = core.mergeValues(left, right)
  return merged.valid ? merged.data : invalid
}

function emitPipe(
  emitter: Emitter,
  shape: Extract<Shape, { kind: 'pipe' }>,
  input: string,
): string {
  // what a preprocessing step returns is copied by the output side
  let between =
    shape.input.shape.kind === 'transform'
      ? emitRun(emitter, shape.input, input)
      : emitter.emit(shape.input, input)
  if (shape.codec !== undefined) {
    between = emitter.writer.variable(
      `${emitter.constant(runCodec)}(${emitter.constant(shape.codec)}, ${between})`,
    )
    emitter.line(`if (${between} === I) return I`)
  }
  const isLast = shape.output.shape.kind === 'transform' && shape.input.shape.kind !== 'transform'
  if (!isLast) return emitter.domain.emit(shape.output, between)
  // a transform of our own copy: what it returns is new, or its own affair
  return emitRun(emitter, shape.output, between)
}

/** zod runs the node, and its result is taken as it is. */
function emitRun(emitter: Emitter, node: Node, input: string): string {
  const run = `${emitter.constant(runSchema)}(${emitter.constant(node.schema)}, ${input})`
  const result = emitter.writer.variable(run)
  emitter.line(`if (${result} === I) return I`)
  return result
}

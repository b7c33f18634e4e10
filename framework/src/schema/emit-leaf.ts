import type { core } from 'zod'
import { primitive } from './code-writer.ts'
import { copyPlain } from './plain.ts'
import type { Shape } from './node.ts'
import type { Emitter } from './emitter.ts'
import { valuesByWire } from './revive.ts'
import {
  bigintFromWire,
  booleanFromText,
  bytesFromWire,
  dateFromWire,
  numberFromText,
} from './wire-scalars.ts'

/** Above this many values a set is asked instead of a chain of comparisons. */
const comparisonsMax = 12

/** Emits the type test and the copy of a node without children. */
export function emitLeaf(emitter: Emitter, shape: Shape, input: string): string {
  const { form } = emitter
  switch (shape.kind) {
    case 'string':
      return tested(emitter, input, (v) => `typeof ${v} !== 'string'`)
    case 'boolean':
      if (form === 'text') return converted(emitter, booleanFromText, input)
      return tested(emitter, input, (v) => `typeof ${v} !== 'boolean'`)
    case 'number':
      if (form === 'text') return converted(emitter, numberFromText, input)
      return tested(emitter, input, (v) => `typeof ${v} !== 'number' || !Number.isFinite(${v})`)
    case 'bigint':
      if (form !== 'domain') return converted(emitter, bigintFromWire, input)
      return tested(emitter, input, (v) => `typeof ${v} !== 'bigint'`)
    case 'null':
      return tested(emitter, input, (v) => `${v} !== null`)
    case 'undefined':
      if (form === 'domain') return tested(emitter, input, (v) => `${v} !== undefined`)
      emitter.line(`if (${input} !== undefined && ${input} !== null) return I`)
      return emitter.writer.variable('undefined')
    case 'date':
      return emitDate(emitter, input)
    case 'bytes':
      if (form !== 'domain') return converted(emitter, bytesFromWire, input)
      emitter.line(`if (!(${input} instanceof Uint8Array)) return I`)
      return emitter.writer.variable(`new Uint8Array(${input})`)
    case 'values':
      return emitValues(emitter, shape.values, input)
    default:
      return emitAnything(emitter, input)
  }
}

function tested(emitter: Emitter, input: string, test: (variable: string) => string): string {
  const result = emitter.writer.variable(input)
  emitter.line(`if (${test(result)}) return I`)
  return result
}

function converted(emitter: Emitter, convert: (wire: unknown) => unknown, input: string): string {
  const result = emitter.writer.variable(`${emitter.constant(convert)}(${input})`)
  emitter.line(`if (${result} === I) return I`)
  return result
}

function emitDate(emitter: Emitter, input: string): string {
  if (emitter.form !== 'domain') return converted(emitter, dateFromWire, input)
  emitter.line(`if (!(${input} instanceof Date)) return I`)
  const time = emitter.writer.variable(`${input}.getTime()`)
  emitter.line(`if (${time} !== ${time}) return I`)
  return emitter.writer.variable(`new Date(${time})`)
}

function emitValues(
  emitter: Emitter,
  values: readonly core.util.Primitive[],
  input: string,
): string {
  const result = emitter.writer.variable(input)
  const byWire = emitter.form === 'domain' ? new Map() : valuesByWire(values, emitter.form)
  const isSmall = values.length <= comparisonsMax && !values.some((value) => value !== value)
  const tests = values.map((value) => `${result} !== ${primitive(emitter.writer, value)}`)
  const refused = isSmall
    ? tests.join(' && ') || 'true'
    : `!${emitter.constant(new Set(values))}.has(${result})`
  if (byWire.size === 0) {
    emitter.line(`if (${refused}) return I`)
    return result
  }
  emitter.line(`if (${refused}) {`)
  emitter.line(`${result} = ${emitter.constant(byWire)}.get(${result})`)
  // no entry stands for undefined, which is never spelled
  emitter.line(`if (${result} === undefined) return I`)
  emitter.line('}')
  return result
}

function emitAnything(emitter: Emitter, input: string): string {
  const result = emitter.writer.variable(input)
  emitter.line(`if (typeof ${input} === 'object' || typeof ${input} === 'function') {`)
  emitter.line(`${result} = ${emitter.constant(copyPlain)}(${input})`)
  emitter.line(`if (${result} === I) return I`)
  emitter.line('}')
  return result
}

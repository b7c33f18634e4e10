import { core } from 'zod'
import type { Check, Node } from './node.ts'
import type { Emitter } from './emitter.ts'
import { primitive } from './code-writer.ts'
import { runCheck } from './run-zod.ts'
import { unrolled } from './unroll.ts'

const {
  codePointLength,
  floatSafeRemainder,
  BIGINT_FORMAT_RANGES,
  NUMBER_FORMAT_RANGES,
  sizeCaps,
} = core.util

/** Formats whose check is their pattern and nothing else; the others run in zod. */
const patternFormats = new Set([
  ...['guid', 'uuid', 'email', 'emoji', 'nanoid', 'cuid', 'cuid2', 'ulid', 'xid', 'ksuid'],
  ...['datetime', 'date', 'time', 'duration', 'ipv4', 'mac', 'cidrv4', 'e164'],
  ...['regex', 'lowercase', 'uppercase'],
])

const limitNames = new Set(['minimum', 'maximum', 'length', 'size'])

/** zod's own condition for length and size checks, always met where we emit them. */
const usualConditions = new Set<unknown>(
  [
    new core.$ZodCheckMaxLength({ check: 'max_length', maximum: 1 }),
    new core.$ZodCheckMaxSize({ check: 'max_size', maximum: 1 }),
  ].map((check) => check._zod.def.when),
)

/** Emits the checks of a node on `variable`, which a check may assign.
 *  `measure` is the expression of its length or size, for containers. */
export function emitChecks(emitter: Emitter, node: Node, variable: string): void {
  for (const check of node.checks) {
    // an `instanceof` is its own first check, already emitted as the type test
    if ((check as unknown) === node.schema && node.shape.kind === 'bytes') continue
    const refusal = refusalOf(emitter, check, node, variable)
    if (refusal === undefined) emitGeneric(emitter, check, variable)
    else if (refusal !== '') emitter.line(`if (${refusal}) return I`)
  }
}

/** Refuses a container that is larger than its checks allow before its elements are looked at, as
 *  zod does: a set may shrink when its members are copied. */
export function emitSizeCap(emitter: Emitter, node: Node, input: string): void {
  const { kind } = node.shape
  if (kind !== 'array' && kind !== 'map' && kind !== 'set') return
  const caps = sizeCaps([...node.checks]).map(([cap]) => cap)
  if (caps.length === 0) return
  const size = kind === 'array' || emitter.form !== 'domain' ? 'length' : 'size'
  // one text stands for a list of one
  const isList = emitter.form === 'text' ? `Array.isArray(${input}) && ` : ''
  emitter.line(`if (${isList}${input}?.${size} > ${Math.min(...caps)}) return I`)
}

function emitGeneric(emitter: Emitter, check: Check, variable: string): void {
  const run = emitter.constant(runCheck)
  emitter.line(`${variable} = ${run}(${emitter.constant(check)}, ${variable})`)
  emitter.line(`if (${variable} === I) return I`)
}

/** The condition under which the check fails, as code; `undefined` when zod has to run it. */
function refusalOf(
  emitter: Emitter,
  check: Check,
  node: Node,
  variable: string,
): string | undefined {
  const def = (check as core.$ZodChecks)._zod.def
  if (def.when !== undefined && !usualConditions.has(def.when)) return undefined
  if (!hasFiniteLimits(def)) return undefined
  switch (node.shape.kind) {
    case 'string':
      return stringRefusal(emitter, def, variable)
    case 'number':
    case 'bigint':
    case 'date':
      return numericRefusal(emitter, def, variable)
    case 'array':
      return sizeRefusal(def, `${variable}.length`)
    case 'map':
    case 'set':
      return sizeRefusal(def, `${variable}.size`)
    default:
      return undefined
  }
}

function hasFiniteLimits(def: CheckDef): boolean {
  const limits = Object.entries(def).filter(([key]) => limitNames.has(key))
  return limits.every(([, limit]) => Number.isFinite(limit))
}

type CheckDef = core.$ZodChecks['_zod']['def']

function stringRefusal(emitter: Emitter, def: CheckDef, v: string): string | undefined {
  const points = `${emitter.constant(codePointLength)}(${v})`
  switch (def.check) {
    case 'max_length':
      return `${v}.length > ${def.maximum} && ${points} > ${def.maximum}`
    case 'min_length':
      // a code point has one or two units, and one code point needs no counting
      return def.minimum <= 1
        ? `${v}.length < ${def.minimum}`
        : `${v}.length < ${def.minimum * 2} && ${points} < ${def.minimum}`
    case 'length_equals':
      return `${v}.length < ${def.length} || ${v}.length > ${def.length * 2} || ${points} !== ${def.length}`
    case 'string_format':
      return formatRefusal(emitter, def, v)
    default:
      return undefined
  }
}

function formatRefusal(
  emitter: Emitter,
  def: core.$ZodCheckStringFormatDef,
  v: string,
): string | undefined {
  if (def.format === 'starts_with' && 'prefix' in def) {
    return `!${v}.startsWith(${JSON.stringify(def.prefix)})`
  }
  if (def.format === 'ends_with' && 'suffix' in def) {
    return `!${v}.endsWith(${JSON.stringify(def.suffix)})`
  }
  if (def.format === 'includes' && 'includes' in def) {
    const position = 'position' in def ? def.position : undefined
    return `!${v}.includes(${JSON.stringify(def.includes)}, ${primitive(emitter.writer, position)})`
  }
  const { pattern } = def
  if (pattern === undefined || !patternFormats.has(def.format)) return undefined
  const name = emitter.constant(unrolled(pattern))
  return pattern.global || pattern.sticky
    ? `(${name}.lastIndex = 0, !${name}.test(${v}))`
    : `!${name}.test(${v})`
}

function numericRefusal(emitter: Emitter, def: CheckDef, v: string): string | undefined {
  switch (def.check) {
    case 'less_than':
      return `!(${v} ${def.inclusive ? '<=' : '<'} ${primitive(emitter.writer, def.value)})`
    case 'greater_than':
      return `!(${v} ${def.inclusive ? '>=' : '>'} ${primitive(emitter.writer, def.value)})`
    case 'multiple_of':
      if (typeof def.value === 'bigint') {
        return def.value === 0n ? 'true' : `${v} % ${def.value}n !== 0n`
      }
      return `${emitter.constant(floatSafeRemainder)}(${v}, ${primitive(emitter.writer, def.value)}) !== 0`
    case 'number_format': {
      const [low, high] = NUMBER_FORMAT_RANGES[def.format]
      const integer = def.format.includes('int') ? `!Number.isSafeInteger(${v})` : ''
      const isBound = def.format !== 'safeint'
      const range = isBound ? `${v} < ${low} || ${v} > ${high}` : ''
      return [integer, range].filter((test) => test !== '').join(' || ')
    }
    case 'bigint_format': {
      const [low, high] = BIGINT_FORMAT_RANGES[def.format]
      return `${v} < ${low}n || ${v} > ${high}n`
    }
    default:
      return undefined
  }
}

function sizeRefusal(def: CheckDef, size: string): string | undefined {
  switch (def.check) {
    case 'max_length':
    case 'max_size':
      return `${size} > ${def.maximum}`
    case 'min_length':
    case 'min_size':
      return `${size} < ${def.minimum}`
    case 'length_equals':
      return `${size} !== ${def.length}`
    case 'size_equals':
      return `${size} !== ${def.size}`
    default:
      return undefined
  }
}

import { core } from 'zod'
import { access, CodeWriter, primitive } from './code-writer.ts'
import { encodeDate, encodePlain, encodeString } from './encode-plain.ts'
import { encodeThroughZod, hasCodec } from './interpret-encode.ts'
import { recursionMax } from './nesting.ts'
import { mayTakeUndefined, type Node, type Shape } from './node.ts'
import { bytesToWire } from './wire-scalars.ts'

export type EncodeFunction = (value: unknown) => string

/** Compiles the JSON text of a checked value. */
export function compileEncode(node: Node): EncodeFunction | undefined {
  if (!core.util.allowsEval.value) return undefined
  return new EncodeEmitter().build(node)
}

/** Writes code in which each construct is an expression that yields JSON text. */
class EncodeEmitter {
  readonly #writer = new CodeWriter({
    str: encodeString,
    plain: encodePlain,
    date: encodeDate,
    bytes: bytesToWire,
  })
  readonly #names = new Map<Node, string>()
  readonly #bodies = new Map<Node, string>()

  build(node: Node): EncodeFunction {
    const name = this.#nameOf(node)
    return this.#writer.build(`value => ${name}(value, 0)`) as EncodeFunction
  }

  #nameOf(node: Node): string {
    const known = this.#names.get(node)
    if (known !== undefined) return known
    const name = this.#writer.fresh('f')
    this.#names.set(node, name)
    this.#writer.function(name, 'x, d', () => {
      // too deep: `plain` says so
      if (node.recursive) this.#writer.line(`if (d > ${recursionMax}) return plain(x, d * 9)`)
      this.#writer.line(`return ${this.#expression(node, 'x')}`)
    })
    return name
  }

  /** JSON text of the variable `v`. */
  #text(node: Node, v: string): string {
    if (node.recursive) return `${this.#nameOf(node)}(${v}, d + 1)`
    return this.#expression(node, v)
  }

  #expression(node: Node, v: string): string {
    const { shape } = node
    switch (shape.kind) {
      case 'string':
        return `str(${v})`
      case 'number':
      case 'boolean':
        return `\`\${${v}}\``
      case 'bigint':
        return `\`"\${${v}}"\``
      case 'null':
      case 'undefined':
        return '"null"'
      case 'date':
        return `date(${v})`
      case 'bytes':
        return `\`"\${bytes(${v})}"\``
      case 'optional':
        return `(${v} === undefined ? "null" : ${this.#text(shape.inner, v)})`
      case 'nullable':
        return `(${v} === null ? "null" : ${this.#text(shape.inner, v)})`
      case 'default':
      case 'readonly':
      case 'required':
      case 'lazy':
        return this.#text(shape.inner, v)
      default:
        return this.#composite(node, shape, v)
    }
  }

  #composite(node: Node, shape: Shape, v: string): string {
    switch (shape.kind) {
      case 'object':
        if (typeof shape.rest !== 'string') return this.#unknown(node, v)
        return this.#call(node, v, () => this.#object(shape))
      case 'array':
      case 'set':
        return this.#call(node, v, () => this.#list(shape.element))
      case 'record':
        return this.#call(node, v, () => this.#record(shape.value))
      case 'cases':
        return this.#call(node, v, () => this.#cases(node, shape))
      case 'values':
        return encodesAsIs(shape.values) ? `\`"\${${v}}"\`` : `plain(${v})`
      default:
        return this.#unknown(node, v)
    }
  }

  /** By the run-time type alone; what holds a codec is turned back by zod first. */
  #unknown(node: Node, v: string): string {
    if (!hasCodec(node)) return `plain(${v})`
    return `${this.#writer.constant(encodeThroughZod)}(${this.#writer.constant(node)}, ${v})`
  }

  /** A function for the body, which works on `x`; a root or recursive node is in its own already. */
  #call(node: Node, v: string, body: () => void): string {
    const bodies = this.#bodies
    let name = bodies.get(node)
    if (name === undefined) {
      name = this.#writer.fresh('g')
      bodies.set(node, name)
      this.#writer.function(name, 'x, d', body)
    }
    return `${name}(${v}, d)`
  }

  /** Fields in the schema's order. The commas hang on the first field that is always there. */
  #object(shape: Extract<Shape, { kind: 'object' }>): void {
    const fields = shape.fields.filter((field) => typeof field.key === 'string')
    const anchor = fields.findIndex((field) => !mayTakeUndefined(field.node))
    const parts = fields.map(({ key, node }, index) => {
      const read = access(this.#writer, 'x', key)
      // an absent `constructor` is absent, not inherited
      const isOwn = `Object.hasOwn(x, ${JSON.stringify(key)})`
      const v = this.#writer.variable(
        key in Object.prototype ? `${isOwn} ? ${read} : undefined` : read,
      )
      const name = `${JSON.stringify(key)}:`
      if (index === anchor) return `${quoted(name)} + ${this.#text(node, v)}`
      const isBefore = index < anchor
      const text = `${quoted(isBefore ? name : `,${name}`)} + ${this.#text(node, v)}`
      const whole = isBefore ? `${text} + ","` : text
      return mayTakeUndefined(node) ? `(${v} === undefined ? "" : ${whole})` : whole
    })
    const joined = parts.length === 0 ? '""' : parts.join(' + ')
    const inside = anchor === -1 ? `(${joined}).slice(1)` : joined
    this.#writer.line(`return "{" + ${inside} + "}"`)
  }

  #list(element: Node): void {
    this.#writer.line('let text = ""')
    this.#writer.line('for (const item of x) {')
    this.#writer.line(`text += (text === "" ? "" : ",") + ${this.#text(element, 'item')}`)
    this.#writer.line('}')
    this.#writer.line('return "[" + text + "]"')
  }

  #record(value: Node): void {
    this.#writer.line('let text = ""')
    this.#writer.line('for (const key of Object.keys(x)) {')
    this.#writer.line('const item = x[key]')
    this.#writer.line('if (item === undefined) continue')
    const item = this.#text(value, 'item')
    this.#writer.line(`text += (text === "" ? "" : ",") + str(key) + ":" + ${item}`)
    this.#writer.line('}')
    this.#writer.line('return "{" + text + "}"')
  }

  #cases(node: Node, shape: Extract<Shape, { kind: 'cases' }>): void {
    this.#writer.line(`switch (${access(this.#writer, 'x', shape.key)}) {`)
    for (const one of shape.cases) {
      // a codec may have changed the discriminator
      if (hasCodec(one.node) || one.values.includes(undefined)) continue
      const labels = one.values.map((value) => `case ${primitive(this.#writer, value)}:`)
      this.#writer.line(`${labels.join(' ')} return ${this.#text(one.node, 'x')}`)
    }
    this.#writer.line('}')
    this.#writer.line(`return ${this.#unknown(node, 'x')}`)
  }
}

function quoted(text: string): string {
  return JSON.stringify(text)
}

/** Strings only, none of which needs an escape. */
function encodesAsIs(values: readonly unknown[]): boolean {
  return values.every((value) => typeof value === 'string' && encodeString(value) === `"${value}"`)
}

import { core } from 'zod'
import { CodeWriter } from './code-writer.ts'
import { invalid } from './compiled-schema.ts'
import { emitNode } from './emit-node.ts'
import type { Emitter, Form } from './emitter.ts'
import { recursionMax, TooDeepError } from './nesting.ts'
import type { Node } from './node.ts'

export type ParseFunction = (value: unknown, depth: number) => unknown

/** Compiles the check and copy of one form of a schema; `undefined` where the process, or
 *  `z.config({ jitless: true })`, forbids code generation. */
export function compileParse(node: Node, form: Form): ParseFunction | undefined {
  if (!core.util.allowsEval.value) return undefined
  return new ParseEmitter(form, new CodeWriter({ I: invalid }), new Map()).build(node)
}

/** Names of the functions already written or begun. */
type FunctionNames = Map<Form, Map<Node, string>>

class ParseEmitter implements Emitter {
  readonly form: Form
  readonly writer: CodeWriter
  readonly #functions: FunctionNames

  constructor(form: Form, writer: CodeWriter, functions: FunctionNames) {
    this.form = form
    this.writer = writer
    this.#functions = functions
  }

  get domain(): Emitter {
    if (this.form === 'domain') return this
    return new ParseEmitter('domain', this.writer, this.#functions)
  }

  line(code: string): void {
    this.writer.line(code)
  }

  constant(value: unknown): string {
    return this.writer.constant(value)
  }

  emit(node: Node, input: string): string {
    if (!isOwnFunction(node)) return emitNode(this, node, input)
    const result = this.writer.variable(this.call(node, input))
    this.line(`if (${result} === I) return I`)
    return result
  }

  call(node: Node, input: string): string {
    return `${this.#nameOf(node)}(${input}, ${node.recursive ? 'd + 1' : 'd'})`
  }

  #nameOf(node: Node): string {
    const names = this.#functions.get(this.form) ?? new Map<Node, string>()
    this.#functions.set(this.form, names)
    const known = names.get(node)
    if (known !== undefined) return known
    const name = this.writer.fresh('f')
    names.set(node, name)
    this.writer.function(name, 'x, d', () => {
      if (node.recursive) {
        this.line(`if (d > ${recursionMax}) throw new ${this.constant(TooDeepError)}()`)
      }
      this.line(`return ${emitNode(this, node, 'x')}`)
    })
    return name
  }

  build(node: Node): ParseFunction {
    return this.writer.build(this.#nameOf(node)) as ParseFunction
  }
}

/** Shared composites are written once; leaves are cheaper inline. */
function isOwnFunction(node: Node): boolean {
  return node.recursive || (node.uses > 1 && composites.has(node.shape.kind))
}

const composites = new Set(['object', 'tuple', 'record', 'union', 'cases', 'intersection', 'lazy'])

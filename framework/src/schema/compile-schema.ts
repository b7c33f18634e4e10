import type * as z from 'zod'
import {
  type Checked,
  type CompiledSchema,
  type Invalid,
  invalid,
  type Issue,
  type TextFields,
} from './compiled-schema.ts'
import { describe } from './describe.ts'
import { compileEncode, type EncodeFunction } from './encode-emitter.ts'
import type { Form } from './emitter.ts'
import { encodeThroughZod, isOneWay } from './interpret-encode.ts'
import { jsonSchemaOf } from './json-schema.ts'
import { nestingIssue, tooDeep, TooDeepError } from './nesting.ts'
import { type Node, reaches } from './node.ts'
import { compileParse } from './parse-emitter.ts'
import { copyPlain, type Uncopyable } from './plain.ts'
import { isNullUndefined, reviveElement } from './revive.ts'

/** Compiles a schema. Each direction is compiled when it is first read, so a schema that is only
 *  copied costs no decoder; read `copyOrInvalid` and `decodeOrInvalid` at boot to pay then.
 *  Where the process forbids code generation, zod does the same work, more slowly.
 *  Cost: about 0.1 ms for each direction of an ordinary object. Keep the result. */
export function compileSchema<S extends z.ZodType>(schema: S): CompiledSchema<z.output<S>> {
  return new Compiled<z.output<S>>(schema)
}

type Fast<Value> = (value: unknown) => Value | Invalid

class Compiled<Value> implements CompiledSchema<Value> {
  readonly schema: z.ZodType
  readonly isOneWay: boolean
  readonly #node: Node
  readonly #isRecursive: boolean
  #copy: Fast<Value> | undefined
  #decode: Fast<Value> | undefined
  #decodeText: Fast<Value> | undefined
  #encode: EncodeFunction | undefined

  constructor(schema: z.ZodType) {
    this.schema = schema
    this.#node = describe(schema)
    this.#isRecursive = reaches(this.#node, (node) => node.recursive)
    this.isOneWay = isOneWay(this.#node)
  }

  get copyOrInvalid(): Fast<Value> {
    this.#copy ??= this.#fast('domain')
    return this.#copy
  }

  get decodeOrInvalid(): Fast<Value> {
    this.#decode ??= this.#fast('wire')
    return this.#decode
  }

  copy(value: unknown): Checked<Value> {
    return this.#checked(this.copyOrInvalid, 'domain', value)
  }

  decode(wire: unknown): Checked<Value> {
    return this.#checked(this.decodeOrInvalid, 'wire', wire)
  }

  decodeText(fields: TextFields): Checked<Value> {
    this.#decodeText ??= this.#fast('text')
    return this.#checked(this.#decodeText, 'text', fields)
  }

  encode(value: Value): string {
    this.#encode ??=
      compileEncode(this.#node) ?? ((checked) => encodeThroughZod(this.#node, checked))
    return this.#encode(value)
  }

  jsonSchema(view: 'input' | 'output'): Record<string, unknown> {
    return jsonSchemaOf(this.schema, view)
  }

  /** The compiled function of a form; it never throws for want of depth. */
  #fast(form: Form): Fast<Value> {
    const parse = compileParse(this.#node, form)
    if (parse === undefined) return (value) => this.#slowOrInvalid(form, value)
    const isNullAbsent = form !== 'domain' && isNullUndefined(this.#node)
    const run = isNullAbsent
      ? (wire: unknown): Value | Invalid => parse(wire ?? undefined, 0) as Value | Invalid
      : (value: unknown): Value | Invalid => parse(value, 0) as Value | Invalid
    return this.#isRecursive ? caught(run) : run
  }

  #slowOrInvalid(form: Form, value: unknown): Value | Invalid {
    const result = this.#slow(form, value)
    return result.ok ? result.value : invalid
  }

  #checked(fast: Fast<Value>, form: Form, value: unknown): Checked<Value> {
    const result = fast(value)
    return result === invalid ? this.#slow(form, value) : { ok: true, value: result }
  }

  /** zod's own answer; also what the compiled code is held against. */
  #slow(form: Form, value: unknown): Checked<Value> {
    const nesting = this.#isRecursive ? nestingIssue(value) : undefined
    if (nesting !== undefined) return { ok: false, issues: [nesting] }
    const domain = form === 'domain' ? value : reviveElement(this.#node, value, form)
    const result = this.schema.safeParse(domain)
    return result.success
      ? this.#unshared(result.data)
      : { ok: false, issues: result.error.issues.map(issueOf) }
  }

  #unshared(data: unknown): Checked<Value> {
    let problem: Uncopyable = { path: [], reason: tooDeep.message }
    const report = (found: Uncopyable): void => {
      problem = found
    }
    const copy = copyPlain(data, { instances: this.isOneWay, report })
    if (copy !== invalid) return { ok: true, value: copy as Value }
    const issue = { path: problem.path, code: 'uncopyable', message: `Invalid: ${problem.reason}` }
    return { ok: false, issues: [issue] }
  }
}

/** Too deep is invalid; `copy` and `decode` give the issue. */
function caught<Value>(run: Fast<Value>): Fast<Value> {
  return (value) => {
    try {
      return run(value)
    } catch (error) {
      if (error instanceof TooDeepError) return invalid
      throw error
    }
  }
}

/** zod's issue as it is; only symbols in its path become text. */
function issueOf(issue: z.core.$ZodIssue): Issue {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))
  return { ...issue, path }
}

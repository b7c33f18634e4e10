/** Collects generated JavaScript: functions, the constants that they refer to, and their lines.
 *  Invariant: text from a schema enters the code only through `constant` or `JSON.stringify`. */
export class CodeWriter {
  readonly #constants: unknown[] = []
  readonly #constantNames = new Map<unknown, string>()
  readonly #functions: string[] = []
  readonly #given: Readonly<Record<string, unknown>>
  #lines: string[] = []
  #names = 0

  /** @param given constants with names of their own. */
  constructor(given: Readonly<Record<string, unknown>>) {
    this.#given = given
  }

  fresh(prefix: string): string {
    this.#names += 1
    return `${prefix}${this.#names}`
  }

  line(code: string): void {
    this.#lines.push(code)
  }

  /** The name under which the generated code sees a value of ours. */
  constant(value: unknown): string {
    const known = this.#constantNames.get(value)
    if (known !== undefined) return known
    const name = `c${this.#constants.length}`
    this.#constants.push(value)
    this.#constantNames.set(value, name)
    return name
  }

  /** A declaration `let name = expression`, for later lines to change. */
  variable(expression: string): string {
    const name = this.fresh('v')
    this.line(`let ${name} = ${expression}`)
    return name
  }

  /** Writes a function; the lines of its body are those that `body` writes. */
  function(name: string, parameters: string, body: () => void): void {
    const outer = this.#lines
    this.#lines = []
    body()
    this.#functions.push(`function ${name}(${parameters}) {\n${this.#lines.join('\n')}\n}`)
    this.#lines = outer
  }

  /** The generated text, for whoever wants to read it. */
  source(entry: string): string {
    const constants = this.#constants.map((_, index) => `const c${index} = constants[${index}]`)
    const given = Object.keys(this.#given).map((name) => `const ${name} = given.${name}`)
    const parts = ["'use strict'", ...given, ...constants, ...this.#functions, `return ${entry}`]
    return parts.join('\n')
  }

  /** @throws EvalError where the process forbids code generation. */
  build(entry: string): unknown {
    // oxlint-disable-next-line typescript/no-implied-eval -- this is the compiler
    return new Function('given', 'constants', this.source(entry))(this.#given, this.#constants)
  }
}

/** Property access, with a symbol as a constant. */
export function access(writer: CodeWriter, object: string, key: string | symbol): string {
  if (typeof key === 'symbol') return `${object}[${writer.constant(key)}]`
  return isIdentifier(key) ? `${object}.${key}` : `${object}[${JSON.stringify(key)}]`
}

/** A key as it stands in an object literal. */
export function literalKey(writer: CodeWriter, key: string | symbol): string {
  return typeof key === 'symbol' ? `[${writer.constant(key)}]` : JSON.stringify(key)
}

/** A key as a value, for `in`. */
export function keyValue(writer: CodeWriter, key: string | symbol): string {
  return typeof key === 'symbol' ? writer.constant(key) : JSON.stringify(key)
}

/** A primitive as source text where that is exact, else as a constant. */
export function primitive(writer: CodeWriter, value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'number') {
    const isExact = Number.isFinite(value) && !Object.is(value, -0)
    return isExact ? `${value}` : writer.constant(value)
  }
  if (value === undefined || value === null || typeof value === 'boolean') return `${value}`
  return writer.constant(value)
}

function isIdentifier(key: string): boolean {
  return /^[A-Za-z_$][\w$]*$/.test(key)
}

import type { DataTelemetry } from './telemetry.ts'

/** What is known of a statement's text before it runs. */
export interface StatementShape {
  readonly text: string
  /** Undefined until the text has been seen twice, and where a pooler keeps no names. */
  readonly name: string | undefined
  /** The tracer's name for `sql <verb> <module>`. */
  readonly span: number
}

/** Named texts; each costs memory on every connection that has prepared it. */
const namedMax = 1_000
/** Texts seen once; forgotten together when there are too many. */
const seenMax = 2_000

/** Names statements by their text, so that a connection prepares each once. Texts that never come
 *  back (lists of varying length) are not named.
 *  Invariant: one name stands for one text, for as long as the process lives. */
export class StatementCatalog {
  readonly #module: string
  readonly #telemetry: DataTelemetry
  readonly #isNaming: boolean
  readonly #named = new Map<string, StatementShape>()
  readonly #seen = new Map<string, StatementShape>()
  readonly #spans = new Map<string, number>()

  constructor(module: string, telemetry: DataTelemetry, isNaming: boolean) {
    this.#module = module
    this.#telemetry = telemetry
    this.#isNaming = isNaming
  }

  shapeOf(text: string): StatementShape {
    return this.#named.get(text) ?? this.#meet(text)
  }

  #meet(text: string): StatementShape {
    const seen = this.#seen.get(text)
    if (seen !== undefined && this.#isNaming && this.#named.size < namedMax) {
      const shape = { text, name: `b${this.#named.size}`, span: seen.span }
      this.#seen.delete(text)
      this.#named.set(text, shape)
      return shape
    }
    if (seen !== undefined) return seen
    if (this.#seen.size >= seenMax) this.#seen.clear()
    const shape = { text, name: undefined, span: this.#spanOf(text) }
    this.#seen.set(text, shape)
    return shape
  }

  #spanOf(text: string): number {
    const verb = /^\s*([a-z]+)/i.exec(text)?.[1]?.toLowerCase() ?? 'statement'
    const known = this.#spans.get(verb)
    if (known !== undefined) return known
    const span = this.#telemetry.tracer.name(`sql ${verb} ${this.#module}`)
    if (this.#spans.size < 32) this.#spans.set(verb, span)
    return span
  }
}

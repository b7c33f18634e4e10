import type { SqlToken } from './sql-token.ts'
import type { LintRule } from './lint-rules.ts'

/** One breach of a rule, at a token. */
export interface Breach {
  readonly rule: LintRule
  readonly at: SqlToken | undefined
}

/** What the files read so far say about tables. */
export class LintState {
  /** Whether nothing runs yet: the module's first file. */
  readonly isFirstFile: boolean
  readonly isTransactional: boolean
  readonly newTables: Set<string> = new Set()
  readonly #notNullChecks: Map<string, string>
  readonly #validated: Set<string>

  constructor(
    file: { readonly isFirst: boolean; readonly isTransactional: boolean },
    before: LintState | undefined,
  ) {
    this.isFirstFile = file.isFirst
    this.isTransactional = file.isTransactional
    this.#notNullChecks = before === undefined ? new Map() : before.#notNullChecks
    this.#validated = before === undefined ? new Set() : before.#validated
  }

  /** Whether rows and old instances may be on the table. */
  isInUse(table: string): boolean {
    return !this.isFirstFile && !this.newTables.has(table)
  }

  noteNotNullCheck(table: string, constraint: string, column: string, isValid: boolean): void {
    this.#notNullChecks.set(`${table}.${constraint}`, `${table}.${column}`)
    if (isValid) this.#validated.add(`${table}.${column}`)
  }

  noteValidated(table: string, constraint: string): void {
    const column = this.#notNullChecks.get(`${table}.${constraint}`)
    if (column !== undefined) this.#validated.add(column)
  }

  isKnownNotNull(table: string, column: string): boolean {
    return this.#validated.has(`${table}.${column}`)
  }
}

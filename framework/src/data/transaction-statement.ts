import type { Problem, StatementResult, Submission } from './port.ts'
import type { StatementShape } from './statement-catalog.ts'

export interface TransactionStatementOptions {
  readonly shape: StatementShape
  readonly values: readonly unknown[]
  readonly isScript: boolean
  /** Ends the statement's record with its error's code, if any. */
  readonly recorded: (errorCode?: string) => void
  /** Called when the server has answered, also after the caller was told something else. */
  answered(statement: TransactionStatement, problem: Problem | undefined): void
  errorOf(problem: Problem, text: string): Error
}

/** One statement of a transaction on its way.
 *  Invariant: its promise is settled once; what arrives later is dropped. */
export class TransactionStatement implements Submission {
  readonly text: string
  readonly name: string | undefined
  readonly values: readonly unknown[]
  readonly isScript: boolean
  readonly result: Promise<StatementResult>
  readonly #options: TransactionStatementOptions
  readonly #settle: { resolve: (result: StatementResult) => void; reject: (e: unknown) => void }
  #isSettled = false

  constructor(options: TransactionStatementOptions) {
    this.#options = options
    this.text = options.shape.text
    this.name = options.isScript ? undefined : options.shape.name
    this.values = options.values
    this.isScript = options.isScript
    const { promise, resolve, reject } = Promise.withResolvers<StatementResult>()
    this.result = promise
    this.#settle = { resolve, reject }
  }

  succeed(result: StatementResult): void {
    this.#options.answered(this, undefined)
    if (this.#isSettled) return
    this.#isSettled = true
    this.#options.recorded()
    this.#settle.resolve(result)
  }

  fail(problem: Problem): void {
    this.#options.answered(this, problem)
    this.reject(this.#options.errorOf(problem, this.text))
  }

  /** Tells the caller now; the server's answer will be dropped. */
  reject(error: unknown): void {
    if (this.#isSettled) return
    this.#isSettled = true
    this.#options.recorded(error instanceof Error ? error.name : 'KERNEL_BUG')
    this.#settle.reject(error)
  }
}

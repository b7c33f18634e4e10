import { Context } from '../kernel/index.ts'
import { dataDeadlineExceeded } from './errors.ts'

/** The part of a request during which the database works for it: ends with the request's deadline
 *  or cancellation, and says so by a code of this room. */
export class StatementScope extends Context {
  readonly #module: string

  constructor(parent: Context, module: string) {
    super(parent)
    this.#module = module
  }

  override expire(): void {
    this.cancel(dataDeadlineExceeded({ module: this.#module, reason: 'the deadline passed' }))
  }

  /** Throws when no work may be begun for `parent` any more.
   *  @throws its cancellation's reason · DATA_DEADLINE_EXCEEDED */
  static assertAlive(parent: Context, module: string): void {
    if (parent.cancelled !== undefined) throw parent.cancelled
    if (parent.remainingMs <= 0) {
      throw dataDeadlineExceeded({ module, reason: 'the deadline had passed before it began' })
    }
  }
}

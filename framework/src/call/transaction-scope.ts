import { AsyncLocalStorage } from 'node:async_hooks'
import type { Context } from '../kernel/index.ts'

const current = new AsyncLocalStorage<TransactionScope>()

/** What runs inside one attempt of a transaction. A transaction that met a conflict runs again from
 *  its start; its calls are counted within it, so that the new attempt makes them under the keys
 *  that the old one did. */
export class TransactionScope {
  /** Number of the transaction within the command. */
  readonly step: number
  /** Calls made so far, by operation. */
  readonly counts: Map<string, number> = new Map()
  readonly #owner: Context
  #isOpen = true

  private constructor(owner: Context, step: number) {
    this.#owner = owner
    this.step = step
  }

  /** Runs one attempt of a transaction of `owner`. */
  static async run<Result>(
    owner: Context,
    step: number,
    work: () => Promise<Result>,
  ): Promise<Result> {
    const scope = new TransactionScope(owner, step)
    try {
      return await current.run(scope, work)
    } finally {
      scope.#isOpen = false
    }
  }

  /** The attempt of a transaction of `owner` in which the caller runs, if it does. */
  static of(owner: Context): TransactionScope | undefined {
    const scope = current.getStore()
    return scope !== undefined && scope.#owner === owner && scope.#isOpen ? scope : undefined
  }
}

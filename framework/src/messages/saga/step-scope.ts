import { AsyncLocalStorage } from 'node:async_hooks'
import type { KeyScope } from '../../call/index.ts'
import type { Context } from '../../kernel/index.ts'

const current = new AsyncLocalStorage<StepScope>()

/** What runs inside one step of a saga: its transactions and calls are counted there, so that they keep their
 *  keys whatever else the saga does before or beside it. */
export class StepScope {
  readonly keys: KeyScope
  readonly #owner: Context
  #isOpen = true

  private constructor(owner: Context, keys: KeyScope) {
    this.#owner = owner
    this.keys = keys
  }

  /** Runs the work of one step of `owner`. */
  static async run<Result>(
    owner: Context,
    keys: KeyScope,
    work: () => Promise<Result>,
  ): Promise<Result> {
    const scope = new StepScope(owner, keys)
    try {
      return await current.run(scope, work)
    } finally {
      scope.#isOpen = false
    }
  }

  /** The step of `owner` in which the caller runs, if it does. */
  static of(owner: Context): StepScope | undefined {
    const scope = current.getStore()
    return scope !== undefined && scope.#owner === owner && scope.#isOpen ? scope : undefined
  }
}

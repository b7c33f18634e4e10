import type { Task } from '../../cluster/index.ts'

/** A command of the supervisor that was given somebody else's orders. */
export function wrongTask({ kind }: Task): Error {
  return new Error(`the orders are for a process that does "${kind}"`)
}

import { audit, formatViolations } from '../../audit/index.ts'
import type { OwnerConnection } from '../../testing/owner-query.ts'
import type { PspSimulator } from '../../psp/index.ts'
import type { LoadResult } from './load.ts'

/** What the books of the shop say against what its customers were told. */
export interface Books {
  /** Orders that a customer was told of and that are not there. */
  readonly lost: number
  /** Orders that nobody was told of. */
  readonly unasked: number
  /** Violated invariants, for people. */
  readonly violations: string
}

/** Compares the books with the answers. Requires: nothing is under way any more. */
export async function compareBooks(
  owner: OwnerConnection,
  psp: PspSimulator,
  results: readonly LoadResult[],
): Promise<Books> {
  const rows = await owner.query('select id from orders.orders')
  const known = new Set(rows.map((row) => String((row as { id: unknown }).id)))
  const told = new Set(results.flatMap(({ acknowledged }) => acknowledged))
  const providerPayments = psp.provider.list()
  const violations = await audit({ query: owner.query, providerPayments, isSettled: true })
  return {
    lost: [...told].filter((id) => !known.has(id)).length,
    unasked: [...known].filter((id) => !told.has(id)).length,
    violations: formatViolations(violations),
  }
}

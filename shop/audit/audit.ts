import { invariants } from './invariants.ts'
import { compareWithProvider, type ProviderPayment } from './provider.ts'
import type { OwnerQuery, Violation } from './violation.ts'

export interface AuditOptions {
  readonly query: OwnerQuery
  /** All payments that the provider knows; without them its side is not compared. */
  readonly providerPayments?: readonly ProviderPayment[]
  /** True when nothing may be under way; then more can be asked. */
  readonly isSettled: boolean
}

/** Checks the books of the shop against themselves and against the provider's.
 *  @returns every violation; empty means that all is well.
 *  Cost: about a dozen statements that read whole tables; for tests, drills and the night. */
export async function audit(options: AuditOptions): Promise<Violation[]> {
  const { query, providerPayments, isSettled } = options
  const violations: Violation[] = []
  for (const { name, meaning, holdsAlways, sql } of invariants) {
    if (!holdsAlways && !isSettled) continue
    const rows = await query(sql)
    violations.push(...rows.map((found) => ({ invariant: name, meaning, found })))
  }
  if (providerPayments !== undefined && isSettled) {
    violations.push(...(await compareWithProvider(query, providerPayments)))
  }
  return violations
}

/** Violations for people, one a line. */
export function formatViolations(violations: readonly Violation[]): string {
  const textOf = (_: string, value: unknown): unknown =>
    typeof value === 'bigint' ? String(value) : value
  return violations
    .map(({ invariant, meaning, found }) => {
      return `${invariant}: it does not hold that ${meaning}: ${JSON.stringify(found, textOf)}`
    })
    .join('\n')
}

/**
 * Audit: what must hold in the books of the shop, across its modules and against the payment service
 * provider. It reads as the owner of the database, so it belongs to tests, drills and operators, not
 * to a module. Each invariant has a planted violation in its test.
 */
export { type AuditOptions, audit, formatViolations } from './audit.ts'
export { type Invariant, invariants } from './invariants.ts'
export type { ProviderPayment } from './provider.ts'
export type { OwnerQuery, Violation } from './violation.ts'

import type { Clock } from '../kernel/index.ts'
import type { IdempotencyClaim } from './database.ts'
import {
  dataIdempotencyClaimInvalid,
  dataIdempotencyInFlight,
  dataIdempotencyMismatch,
  dataResultTooLarge,
  dataRowLocked,
} from './errors.ts'
import type { StatementRunner } from './kysely-executor.ts'
import { decodeRecord, encodeRecord } from './record.ts'

/** How long a key is remembered. */
const keptMs = 48 * 3_600_000
const resultBytesMax = 256 * 1024
const lengthsMax = { scope: 200, operation: 200, key: 255, fingerprint: 32 }

/** Takes the claim's row, also over an expired one; no row comes back when another holds it. While
 *  another transaction has just written it, PostgreSQL waits for that one to end. Index: the primary
 *  key. */
const claimText = `
insert into banyan_idempotency as held
  (scope, operation, key, step, fingerprint, created_at, expires_at)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (scope, operation, key, step) do update
  set fingerprint = excluded.fingerprint, outcome = null,
      created_at = excluded.created_at, expires_at = excluded.expires_at
  where held.expires_at <= excluded.created_at
returning 1 as claimed`

const readText = `
select fingerprint, outcome from banyan_idempotency
where scope = $1 and operation = $2 and key = $3 and step = $4`

const recordText = `
update banyan_idempotency set outcome = $5
where scope = $1 and operation = $2 and key = $3 and step = $4`

/** Deletes at most $2 rows that expired before $1. Index: banyan_idempotency_expires_at. */
export const sweepText = `
delete from banyan_idempotency where ctid = any(array(
  select ctid from banyan_idempotency where expires_at <= $1
  order by expires_at limit $2 for update skip locked))`

/** @throws DATA_IDEMPOTENCY_CLAIM_INVALID */
export function assertClaim(claim: IdempotencyClaim): void {
  for (const field of ['scope', 'operation', 'key', 'fingerprint'] as const) {
    const { length } = claim[field]
    const limit = lengthsMax[field]
    const isWrong = field === 'fingerprint' ? length !== limit : length === 0 || length > limit
    if (isWrong) throw dataIdempotencyClaimInvalid({ field, limit, length })
  }
}

/** Takes the claim, or finds what its first transaction returned.
 *  @returns undefined when taken: run the work and record its result.
 *  @throws DATA_IDEMPOTENCY_MISMATCH · DATA_IDEMPOTENCY_IN_FLIGHT */
export async function takeClaim(
  runner: StatementRunner,
  claim: IdempotencyClaim,
  clock: Clock,
): Promise<{ readonly value: unknown } | undefined> {
  const { operation } = claim
  const now = clock.nowMs()
  const row = [...keyOf(claim), claim.fingerprint, new Date(now), new Date(now + keptMs)]
  const claimed = await runner.run(claimText, row).catch((error: unknown) => {
    throw dataRowLocked.is(error) ? dataIdempotencyInFlight({ operation }, { cause: error }) : error
  })
  if (claimed.rows.length > 0) return undefined
  const { rows } = await runner.run(readText, keyOf(claim))
  const held = rows[0] as { fingerprint: Uint8Array; outcome: string | null } | undefined
  if (held === undefined || held.outcome === null) throw dataIdempotencyInFlight({ operation })
  if (Buffer.compare(held.fingerprint, claim.fingerprint) !== 0) {
    throw dataIdempotencyMismatch({ operation })
  }
  return { value: decodeRecord(held.outcome) }
}

/** The statement that records `result` under a taken claim.
 *  @throws DATA_RESULT_TOO_LARGE · KERNEL_VALUE_UNENCODABLE */
export function recordStatement(
  claim: IdempotencyClaim,
  result: unknown,
): { readonly text: string; readonly values: readonly unknown[] } {
  const outcome = encodeRecord(result)
  if (Buffer.byteLength(outcome) > resultBytesMax) {
    throw dataResultTooLarge({ operation: claim.operation, limitBytes: resultBytesMax })
  }
  return { text: recordText, values: [...keyOf(claim), outcome] }
}

function keyOf(claim: IdempotencyClaim): unknown[] {
  return [claim.scope, claim.operation, claim.key, claim.step]
}

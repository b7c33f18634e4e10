import { defineError, type ErrorDefinition } from '../kernel/index.ts'

export const dataUnavailable: ErrorDefinition<{ address: string; reason: string }> = defineError(
  'DATA_UNAVAILABLE',
  'unavailable',
  {
    message: ({ address, reason }) => `the database at ${address} is not available: ${reason}`,
    fix: 'Nothing was changed. Check that the server runs and accepts connections (banyan doctor); connections are opened again by themselves.',
  },
)

export const dataOutcomeUnknown: ErrorDefinition<{ module: string; reason: string }> = defineError(
  'DATA_OUTCOME_UNKNOWN',
  'unknown_outcome',
  {
    message: ({ module, reason }) =>
      `${module}: the transaction may or may not have been committed: ${reason}`,
    fix: 'Repeat the command with the same idempotency key: it happens once and you get its answer.',
  },
)

export const dataDeadlineExceeded: ErrorDefinition<{ module: string; reason: string }> =
  defineError('DATA_DEADLINE_EXCEEDED', 'unavailable', {
    message: ({ module, reason }) => `${module}: the database had no answer in time: ${reason}`,
    fix: 'Nothing was changed. Look for the slow statement in the spans; raise the timeout of the operation only if the work is worth it.',
  })

export const dataPoolExhausted: ErrorDefinition<{
  module: string
  pool: string
  connections: number
  reason: string
}> = defineError('DATA_POOL_EXHAUSTED', 'exhausted', {
  message: ({ module, pool, connections, reason }) =>
    `${module}: none of its ${connections} ${pool} connections became free: ${reason}`,
  fix: 'Retry after a pause. If it stays so, shorten transactions or raise the limit of connections.',
})

export const dataTransactionContended: ErrorDefinition<{ module: string; attempts: number }> =
  defineError('DATA_TRANSACTION_CONTENDED', 'unavailable', {
    message: ({ module, attempts }) =>
      `${module}: the transaction conflicted with others ${attempts} times`,
    fix: 'Nothing was changed. Retry later; for a hot row use a conditional UPDATE or a batched command.',
  })

export const dataTransactionEnded: ErrorDefinition<{ module: string }> = defineError(
  'DATA_TRANSACTION_ENDED',
  'bug',
  {
    message: ({ module }) => `${module}: a statement was given to a transaction that has ended`,
    fix: 'Await every statement inside the function passed to ctx.transaction; keep no reference to tx.',
  },
)

export const dataRowLocked: ErrorDefinition<{ module: string; reason: string }> = defineError(
  'DATA_ROW_LOCKED',
  'unavailable',
  {
    message: ({ module, reason }) => `${module}: a lock was not granted in time: ${reason}`,
    fix: 'Nothing was changed. Retry later; shorten the transactions that touch this row.',
  },
)

export const dataConstraintViolated: ErrorDefinition<{
  module: string
  constraint: string
  table: string
  sqlState: string
}> = defineError('DATA_CONSTRAINT_VIOLATED', 'conflict', {
  message: ({ module, constraint, table }) =>
    `${module}: the constraint "${constraint}" of table "${table}" refused the row`,
  fix: 'Where it is expected, catch it by `violatedConstraint(error)` and answer with a declared failure.',
})

export const dataPermissionDenied: ErrorDefinition<{ module: string; reason: string }> =
  defineError('DATA_PERMISSION_DENIED', 'bug', {
    message: ({ module, reason }) =>
      `${module}: the module's database role may not do this: ${reason}`,
    fix: 'A module touches its own tables only, and ctx.db only reads. Call the owning module, or write in ctx.transaction.',
  })

export const dataStatementFailed: ErrorDefinition<{
  module: string
  sqlState: string
  reason: string
  statement: string
}> = defineError('DATA_STATEMENT_FAILED', 'bug', {
  message: ({ module, sqlState, reason, statement }) =>
    `${module}: ${reason} (SQLSTATE ${sqlState}) in: ${statement}`,
  fix: 'Correct the statement; the SQLSTATE is explained in appendix A of the PostgreSQL manual.',
})

export const dataHandleUnsupported: ErrorDefinition<{ feature: string; instead: string }> =
  defineError('DATA_HANDLE_UNSUPPORTED', 'bug', {
    message: ({ feature }) => `this database handle does not offer ${feature}`,
    fix: ({ instead }) => instead,
  })

export const dataModuleUnknown: ErrorDefinition<{ module: string }> = defineError(
  'DATA_MODULE_UNKNOWN',
  'bug',
  {
    message: ({ module }) => `the module "${module}" has no tables in this database`,
    fix: 'Declare `tables` in the module, and pass it to openDatabase.',
  },
)

export const dataClosed: ErrorDefinition<Record<never, never>> = defineError(
  'DATA_CLOSED',
  'unavailable',
  {
    message: () => 'the database of this instance is closed or closing',
    fix: 'Nothing was changed. Another instance can answer.',
  },
)

/** HTTP answers 422 for this code. */
export const dataIdempotencyMismatch: ErrorDefinition<{ operation: string }> = defineError(
  'DATA_IDEMPOTENCY_MISMATCH',
  'invalid',
  {
    message: ({ operation }) =>
      `${operation}: the idempotency key was used before with other input`,
    fix: 'Use a new key for a new request; repeat a request with exactly the same input.',
  },
)

export const dataIdempotencyInFlight: ErrorDefinition<{ operation: string }> = defineError(
  'DATA_IDEMPOTENCY_IN_FLIGHT',
  'unavailable',
  {
    message: ({ operation }) => `${operation}: a request with the same idempotency key is running`,
    fix: 'Repeat the request with the same key after a second; it then gets the first answer.',
  },
)

export const dataIdempotencyClaimInvalid: ErrorDefinition<{
  field: string
  limit: number
  length: number
}> = defineError('DATA_IDEMPOTENCY_CLAIM_INVALID', 'invalid', {
  message: ({ field, limit, length }) =>
    `the idempotency ${field} has ${length} characters or bytes; the limit is ${limit}`,
  fix: 'Send a short unique key, for example a UUID.',
})

export const dataResultTooLarge: ErrorDefinition<{ operation: string; limitBytes: number }> =
  defineError('DATA_RESULT_TOO_LARGE', 'bug', {
    message: ({ operation, limitBytes }) =>
      `${operation}: the result of its transaction exceeds ${limitBytes} bytes and cannot be recorded`,
    fix: 'Return an id or a summary from the transaction, and read the rest in a query.',
  })

export const dataRecordInvalid: ErrorDefinition<{ reason: string }> = defineError(
  'DATA_RECORD_INVALID',
  'bug',
  {
    message: ({ reason }) => `a recorded value cannot be read: ${reason}`,
    fix: 'The row was written by a newer release or by hand; restore it or delete it.',
  },
)

/** The name of the constraint that refused a row, or undefined when `error` is something else. */
export function violatedConstraint(error: unknown): string | undefined {
  return dataConstraintViolated.is(error) ? error.details.constraint : undefined
}

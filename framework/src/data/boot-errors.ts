import { defineError, type ErrorDefinition } from '../kernel/index.ts'

export const dataRightMissing: ErrorDefinition<{ role: string; step: string; grant: string }> =
  defineError('DATA_RIGHT_MISSING', 'invalid', {
    message: ({ role, step }) => `the database role "${role}" may not ${step}`,
    fix: ({ grant }) => `Run as an administrator: ${grant}`,
  })

export const dataExtensionRefused: ErrorDefinition<{ extension: string; reason: string }> =
  defineError('DATA_EXTENSION_REFUSED', 'invalid', {
    message: ({ extension, reason }) => `the extension "${extension}" cannot be used: ${reason}`,
    fix: 'Only trusted extensions can be asked for; have an administrator install others into the schema banyan_extension.',
  })

export const dataMigrationUnreadable: ErrorDefinition<{ folder: string; reason: string }> =
  defineError('DATA_MIGRATION_UNREADABLE', 'invalid', {
    message: ({ folder, reason }) => `the migrations in ${folder} cannot be read: ${reason}`,
    fix: "Pass new URL('./sql/', import.meta.url), with the slash at its end, and create the folder.",
  })

export const dataMigrationNameInvalid: ErrorDefinition<{ file: string }> = defineError(
  'DATA_MIGRATION_NAME_INVALID',
  'invalid',
  {
    message: ({ file }) => `${file} is not named like a migration`,
    fix: 'Name it with four digits, a dash and lower-case words: 0001-create-stock.sql.',
  },
)

export const dataMigrationNumberInvalid: ErrorDefinition<{
  file: string
  expected: string
}> = defineError('DATA_MIGRATION_NUMBER_INVALID', 'invalid', {
  message: ({ file, expected }) =>
    `${file} is out of order: the number expected here is ${expected}`,
  fix: ({ expected }) =>
    `Number migrations without gaps or repeats; rename the file to ${expected}-….sql.`,
})

export const dataMigrationChanged: ErrorDefinition<{
  file: string
  applied: string
  found: string
}> = defineError('DATA_MIGRATION_CHANGED', 'invalid', {
  message: ({ file, applied, found }) =>
    `${file} was changed after it had been applied (applied sha256 ${applied}, found ${found})`,
  fix: 'Restore the file as it was, and put the change into a new migration with the next number.',
})

export const dataMigrationVanished: ErrorDefinition<{ file: string; module: string }> = defineError(
  'DATA_MIGRATION_VANISHED',
  'invalid',
  {
    message: ({ file, module }) => `${module}: ${file} was applied to this database but is missing`,
    fix: 'Restore the file. If this release is older than the database, start the newer release.',
  },
)

export const dataMigrationForbidden: ErrorDefinition<{ place: string; statement: string }> =
  defineError('DATA_MIGRATION_FORBIDDEN', 'invalid', {
    message: ({ place, statement }) => `${place}: a migration may not say ${statement}`,
    fix: 'The platform opens and commits the transaction and chooses the role. Remove the statement; for CREATE INDEX CONCURRENTLY begin the file with "-- banyan: no-transaction".',
  })

export const dataMigrationFailed: ErrorDefinition<{
  place: string
  reason: string
  sqlState: string
}> = defineError('DATA_MIGRATION_FAILED', 'invalid', {
  message: ({ place, reason, sqlState }) => `${place}: ${reason} (SQLSTATE ${sqlState})`,
  fix: 'Correct the statement and start again; what the file did before was rolled back unless it begins with "-- banyan: no-transaction".',
})

export const dataMigrationIndexInvalid: ErrorDefinition<{ file: string; index: string }> =
  defineError('DATA_MIGRATION_INDEX_INVALID', 'invalid', {
    message: ({ file, index }) => `${file}: the index "${index}" was left invalid`,
    fix: ({ index }) =>
      `Remove what blocks it (often duplicate rows), run DROP INDEX CONCURRENTLY ${index}, start again.`,
  })

export const dataMigrationLockBusy: ErrorDefinition<{ waitedMs: number }> = defineError(
  'DATA_MIGRATION_LOCK_BUSY',
  'unavailable',
  {
    message: ({ waitedMs }) => `another instance has been migrating for more than ${waitedMs} ms`,
    fix: 'Wait for it to finish, then start again.',
  },
)

export const dataLimitInvalid: ErrorDefinition<{
  limit: string
  value: number
  min: number
  max: number
}> = defineError('DATA_LIMIT_INVALID', 'invalid', {
  message: ({ limit, value, min, max }) =>
    `the database limit ${limit} is ${value}; it may be ${min} to ${max}`,
  fix: 'Give a whole number in that range, or leave it out.',
})

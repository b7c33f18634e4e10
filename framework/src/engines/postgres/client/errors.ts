import { defineError, type ErrorDefinition } from '../../../kernel/index.ts'

/** The text of the URL is left out: it may hold a password. */
export const postgresUrlInvalid: ErrorDefinition<{ reason: string }> = defineError(
  'POSTGRES_URL_INVALID',
  'invalid',
  {
    message: ({ reason }) => `the database URL cannot be read: ${reason}`,
    fix: 'Write postgres://role:password@host:5432/database.',
  },
)

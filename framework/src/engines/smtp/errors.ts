import { defineError, type ErrorDefinition } from '../../kernel/index.ts'

/** The URL is not shown: it may hold a password. */
export const smtpUrlInvalid: ErrorDefinition<{ problem: string }> = defineError(
  'SMTP_URL_INVALID',
  'invalid',
  {
    message: ({ problem }) => `the URL of the mail server ${problem}`,
    fix: 'Write smtp://user:password@host:587 (STARTTLS) or smtps://user:password@host:465.',
  },
)

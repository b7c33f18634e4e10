import { defineError, type ErrorDefinition } from '../kernel/index.ts'

export const identityTokenInvalid: ErrorDefinition<{ cause: string }> = defineError(
  'IDENTITY_TOKEN_INVALID',
  'unauthenticated',
  {
    message: ({ cause }) => `the access token is not valid: ${cause}`,
    fix: 'Obtain a new token and send it as "Authorization: Bearer <token>".',
  },
)

export const identityTokenExpired: ErrorDefinition<{ expiredAt: string }> = defineError(
  'IDENTITY_TOKEN_EXPIRED',
  'unauthenticated',
  {
    message: ({ expiredAt }) => `the access token expired at ${expiredAt}`,
    fix: 'Obtain a new token.',
  },
)

export const identitySecretWeak: ErrorDefinition<{ bytes: number }> = defineError(
  'IDENTITY_SECRET_WEAK',
  'invalid',
  {
    message: ({ bytes }) => `the token secret has ${bytes} bytes; at least 32 are needed`,
    fix: 'Set BANYAN_TOKEN_SECRET to at least 32 random bytes, for example from `openssl rand -base64 48`.',
  },
)

export const identityLifetimeInvalid: ErrorDefinition<{ lifetimeMs: number; maxMs: number }> =
  defineError('IDENTITY_LIFETIME_INVALID', 'bug', {
    message: ({ lifetimeMs, maxMs }) =>
      `a token lifetime of ${lifetimeMs} ms is not within 1000 to ${maxMs} ms`,
    fix: 'Issue short tokens and renew them.',
  })

export const identityPrincipalInvalid: ErrorDefinition<{ cause: string }> = defineError(
  'IDENTITY_PRINCIPAL_INVALID',
  'bug',
  {
    message: ({ cause }) => `no token can be issued for this principal: ${cause}`,
    fix: 'Name the caller by a short id of 1 to 180 characters, with at most 64 short roles.',
  },
)

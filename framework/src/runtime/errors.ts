import { defineError, type ErrorDefinition } from '../kernel/index.ts'

export const runtimeSettingInvalid: ErrorDefinition<{ name: string; cause: string }> = defineError(
  'RUNTIME_SETTING_INVALID',
  'invalid',
  {
    message: ({ name, cause }) => `the setting ${name} is not valid: ${cause}`,
    fix: 'Correct the environment variable; docs/reference/settings.md lists them all.',
  },
)

export const runtimeSettingUnknown: ErrorDefinition<{ name: string; nearest: string }> =
  defineError('RUNTIME_SETTING_UNKNOWN', 'invalid', {
    message: ({ name }) => `there is no setting ${name}`,
    fix: ({ nearest }) => (nearest === '' ? 'Remove it.' : `Did you mean ${nearest}?`),
  })

export const runtimeTokenSecretMissing: ErrorDefinition<Record<never, never>> = defineError(
  'RUNTIME_TOKEN_SECRET_MISSING',
  'invalid',
  {
    message: () => 'BANYAN_TOKEN_SECRET is not set and no project folder may hold one',
    fix: 'Set BANYAN_TOKEN_SECRET to at least 32 random bytes, the same in every instance.',
  },
)

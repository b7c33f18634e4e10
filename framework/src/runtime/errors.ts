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

export const runtimeDatabaseLost: ErrorDefinition<{ folder: string; ends: number; cause: string }> =
  defineError('RUNTIME_DATABASE_LOST', 'unavailable', {
    message: ({ folder, ends, cause }) =>
      `the embedded PostgreSQL in ${folder} ended ${ends} times and is not started again: ${cause}`,
    fix: 'Its last words are in postgres.log of that folder: often a full disk or too little memory. What was committed is kept; start again when the cause is gone.',
  })

export const runtimeCertificatesMissing: ErrorDefinition<{ service: string }> = defineError(
  'RUNTIME_CERTIFICATES_MISSING',
  'invalid',
  {
    message: ({ service }) => `service "${service}" calls with mutual TLS but has no certificates`,
    fix: 'Make them with `banyan certs`, and name their folder.',
  },
)

export const runtimeLoopStuck: ErrorDefinition<{ silentMs: number }> = defineError(
  'RUNTIME_LOOP_STUCK',
  'unavailable',
  {
    message: ({ silentMs }) =>
      `the event loop gave no sign for ${silentMs} ms: the process is killed, so that others take its work`,
    fix: 'Look for an endless loop, or for long work of the processor, in what ran last: banyan messages lists what died with it. Raise BANYAN_STUCK_AFTER if such work is meant.',
  },
)

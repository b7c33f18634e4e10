import { defineError, type ErrorDefinition } from '../kernel/index.ts'

export const filesKeyInvalid: ErrorDefinition<{ key: string; rule: string }> = defineError(
  'FILES_KEY_INVALID',
  'invalid',
  {
    message: ({ key, rule }) => `"${key.slice(0, 100)}" cannot be the key of a file: ${rule}`,
    fix: 'Build keys from ids and fixed words: "<kind>/<id>/<name>.webp".',
  },
)

export const filesOptionInvalid: ErrorDefinition<{
  option: string
  value: string | number
  rule: string
}> = defineError('FILES_OPTION_INVALID', 'invalid', {
  message: ({ option, value, rule }) => `${option} is "${value}"; it must be ${rule}`,
  fix: 'Pass a value that the rule allows.',
})

export const filesNotFound: ErrorDefinition<{ key: string }> = defineError(
  'FILES_NOT_FOUND',
  'not_found',
  {
    message: ({ key }) => `there is no file "${key}"`,
    fix: 'List the prefix to see what is there.',
  },
)

export const filesExists: ErrorDefinition<{ key: string }> = defineError(
  'FILES_EXISTS',
  'conflict',
  {
    message: ({ key }) => `there is a file "${key}" already`,
    fix: 'Choose another key, or leave `ifAbsent` out to replace it.',
  },
)

export const filesTooLarge: ErrorDefinition<{ key: string; sizeBytesMax: number }> = defineError(
  'FILES_TOO_LARGE',
  'invalid',
  {
    message: ({ key, sizeBytesMax }) => `"${key}" would have more than ${sizeBytesMax} bytes`,
    fix: 'Store less, or in several files; nothing was stored.',
  },
)

export const filesRangeInvalid: ErrorDefinition<{ key: string; range: string; sizeBytes: number }> =
  defineError('FILES_RANGE_INVALID', 'invalid', {
    message: ({ key, range, sizeBytes }) =>
      `"${key}" has ${sizeBytes} bytes, and none of them is in ${range}`,
    fix: 'Ask for a range that begins in the file; `head` says how long it is.',
  })

export const filesCorrupt: ErrorDefinition<{ key: string; cause: string }> = defineError(
  'FILES_CORRUPT',
  'bug',
  {
    message: ({ key, cause }) => `"${key}" is not what was stored: ${cause}`,
    fix: 'Restore it from a copy, or delete it and store it again; look for what else writes there.',
  },
)

export const filesUnavailable: ErrorDefinition<{ operation: string; key: string; cause: string }> =
  defineError('FILES_UNAVAILABLE', 'unavailable', {
    message: ({ operation, key, cause }) => `cannot ${operation} "${key}": ${cause}`,
    fix: 'Nothing was changed. Look after the store of files, and try again.',
  })

export const filesOutcomeUnknown: ErrorDefinition<{
  operation: string
  key: string
  cause: string
}> = defineError('FILES_OUTCOME_UNKNOWN', 'unknown_outcome', {
  message: ({ operation, key, cause }) =>
    `whether "${key}" was ${operation === 'put' ? 'stored' : 'deleted'} is not known: ${cause}`,
  fix: 'Do it again: to store the same bytes or to delete twice does no harm.',
})

export const filesStoreRefused: ErrorDefinition<{ store: string; status: number; cause: string }> =
  defineError('FILES_STORE_REFUSED', 'unavailable', {
    message: ({ store, status, cause }) => `${store} refuses to serve us: ${cause} (${status})`,
    fix: 'Check bucket, region, access key and secret, what they may do, and the clock.',
  })

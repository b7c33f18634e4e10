import { defineError, type ErrorDefinition } from '../../kernel/index.ts'

export const authorityFolderUnusable: ErrorDefinition<{
  readonly folder: string
  readonly cause: string
}> = defineError('AUTHORITY_FOLDER_UNUSABLE', 'unavailable', {
  message: ({ folder, cause }) => `certificates cannot be kept in "${folder}": ${cause}`,
  fix: 'Make the folder yours and writable (chown, chmod), free disk space, or choose another one.',
})

export const authorityFolderBusy: ErrorDefinition<{
  readonly folder: string
  readonly pid: number
}> = defineError('AUTHORITY_FOLDER_BUSY', 'unavailable', {
  message: ({ folder, pid }) => `process ${pid} has been changing "${folder}" for 10 s`,
  fix: ({ folder }) =>
    `Wait for it, or end it. If that process is none of Banyan's, remove the folder "${folder}/lock".`,
})

export const authorityFileMalformed: ErrorDefinition<{
  readonly file: string
  readonly cause: string
}> = defineError('AUTHORITY_FILE_MALFORMED', 'invalid', {
  message: ({ file, cause }) => `"${file}" is not what an authority wrote: ${cause}`,
  fix: ({ file }) =>
    `Restore it from a copy, or move "${file}" away and run \`banyan certs\`: what is missing is made anew.`,
})

export const authorityKeyMissing: ErrorDefinition<{ readonly file: string }> = defineError(
  'AUTHORITY_KEY_MISSING',
  'invalid',
  {
    message: ({ file }) => `the authority has certificates, but no key "${file}"`,
    fix: 'Restore the key, or make a new authority with `banyan certs --renew-authority`; certificates in use stay trusted until they are replaced.',
  },
)

export const authorityKeyMismatch: ErrorDefinition<{
  readonly file: string
  readonly certificates: string
}> = defineError('AUTHORITY_KEY_MISMATCH', 'invalid', {
  message: ({ file, certificates }) =>
    `the key "${file}" belongs to no certificate in "${certificates}"`,
  fix: 'Restore the file that was exchanged, or make a new authority with `banyan certs --renew-authority`.',
})

export const authorityKeyExposed: ErrorDefinition<{
  readonly file: string
  readonly mode: string
}> = defineError('AUTHORITY_KEY_EXPOSED', 'invalid', {
  message: ({ file, mode }) =>
    `others can read the authority's key "${file}" (mode ${mode}, expected 600)`,
  fix: ({ file }) =>
    `If nobody has copied it: chmod 600 "${file}". Otherwise make a new authority with \`banyan certs --renew-authority\`.`,
})

export const authorityDomainForeign: ErrorDefinition<{
  readonly folder: string
  readonly found: string
  readonly expected: string
}> = defineError('AUTHORITY_DOMAIN_FOREIGN', 'conflict', {
  message: ({ folder, found, expected }) =>
    `the authority in "${folder}" speaks for ${found}, not for ${expected}`,
  fix: 'Nothing was changed. Choose a folder of its own for each application; after renaming the application, move the old folder away.',
})

export const authorityCertificateExpired: ErrorDefinition<{
  readonly file: string
  readonly expired: string
}> = defineError('AUTHORITY_CERTIFICATE_EXPIRED', 'unavailable', {
  message: ({ file, expired }) => `the authority in "${file}" expired on ${expired}`,
  fix: 'If the clock of this machine is right, make a new authority: `banyan certs --renew-authority`.',
})

export const authorityNameInvalid: ErrorDefinition<{
  readonly name: string
  readonly role: string
  readonly rule: string
}> = defineError('AUTHORITY_NAME_INVALID', 'invalid', {
  message: ({ name, role, rule }) =>
    `"${name}" cannot stand in a certificate as the name of ${role}: ${rule}`,
  fix: 'Rename it; certificates carry spiffe://<application>/<service>.',
})

export const authorityOptionInvalid: ErrorDefinition<{
  readonly option: string
  readonly value: number
  readonly range: string
}> = defineError('AUTHORITY_OPTION_INVALID', 'invalid', {
  message: ({ option, value, range }) => `${option} is ${value}; it must be ${range}`,
  fix: 'Pass a value in that range.',
})

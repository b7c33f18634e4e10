import { defineError, type ErrorDefinition } from '../kernel/index.ts'

export const cliApplicationMissing: ErrorDefinition<{ folder: string }> = defineError(
  'CLI_APPLICATION_MISSING',
  'invalid',
  {
    message: ({ folder }) => `no banyan.ts (or banyan.js) in ${folder}`,
    fix: 'Name the folder of the application: `banyan dev shop`. Its banyan.ts exports `application`.',
  },
)

export const cliApplicationBroken: ErrorDefinition<{ file: string; cause: string }> = defineError(
  'CLI_APPLICATION_BROKEN',
  'invalid',
  {
    message: ({ file, cause }) => `${file} could not be loaded: ${cause}`,
    fix: 'Export `application` made by application(name, { modules }); --verbose shows the stack.',
  },
)

export const cliCompanionFailed: ErrorDefinition<{ name: string; cause: string }> = defineError(
  'CLI_COMPANION_FAILED',
  'unavailable',
  {
    message: ({ name, cause }) => `the companion "${name}" did not become ready: ${cause}`,
    fix: 'Run its command by hand to see why; it stands under `companions` in banyan.ts.',
  },
)

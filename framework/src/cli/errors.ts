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
    fix: 'Correct the file that is named; --verbose shows the stack. banyan.ts exports `application`, made by application(name, { modules }).',
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

export const cliDatabaseEnded: ErrorDefinition<{ label: string; status: string }> = defineError(
  'CLI_DATABASE_ENDED',
  'unavailable',
  {
    message: ({ label, status }) => `the ${label} ended (${status})`,
    fix: 'Start again: what was committed is there. Its log stands beside its data.',
  },
)

export const cliOperationUnknown: ErrorDefinition<{ operation: string; nearest: string }> =
  defineError('CLI_OPERATION_UNKNOWN', 'not_found', {
    message: ({ operation }) => `the application has no operation "${operation}"`,
    fix: ({ nearest }) =>
      nearest === '' ? '`banyan graph` lists the modules.' : `Did you mean ${nearest}?`,
  })

export const cliInputMalformed: ErrorDefinition<{ argument: string; cause: string }> = defineError(
  'CLI_INPUT_MALFORMED',
  'invalid',
  {
    message: ({ argument, cause }) => `${argument} is not usable: ${cause}`,
    fix: 'Write the input as one JSON object in single quotes, for example \'{"sku":"A-1"}\'.',
  },
)

export const cliInstanceUnreachable: ErrorDefinition<{ url: string; cause: string }> = defineError(
  'CLI_INSTANCE_UNREACHABLE',
  'unavailable',
  {
    message: ({ url, cause }) => `no answer from ${url}: ${cause}`,
    fix: 'Start it with `banyan dev`, or correct --url. A command may have happened: repeat it with the same --key.',
  },
)

export const cliAnswerForeign: ErrorDefinition<{ url: string; status: number }> = defineError(
  'CLI_ANSWER_FOREIGN',
  'unavailable',
  {
    message: ({ url, status }) => `${url} answered ${status} with something that is not Banyan's`,
    fix: 'Correct --url: it is the base address of a Banyan application.',
  },
)

export const cliOperationClosed: ErrorDefinition<{ operation: string; url: string }> = defineError(
  'CLI_OPERATION_CLOSED',
  'invalid',
  {
    message: ({ operation, url }) => `${operation} has no http route, so ${url} cannot be asked`,
    fix: 'Leave --url away to call it in this process, or declare a route.',
  },
)

export const cliCodeUnknown: ErrorDefinition<{ code: string; nearest: string }> = defineError(
  'CLI_CODE_UNKNOWN',
  'not_found',
  {
    message: ({ code }) => `Banyan has no error ${code}`,
    fix: ({ nearest }) =>
      nearest === ''
        ? 'Codes of an application are declared under `failures` of its contracts.'
        : `Did you mean ${nearest}?`,
  },
)

export const cliManifestUnreadable: ErrorDefinition<{ file: string; cause: string }> = defineError(
  'CLI_MANIFEST_UNREADABLE',
  'invalid',
  {
    message: ({ file, cause }) => `${file} is no contract manifest: ${cause}`,
    fix: 'Restore it from version control, or write it anew with `banyan check --write`.',
  },
)

export const cliContractBroken: ErrorDefinition<{ place: string; change: string }> = defineError(
  'CLI_CONTRACT_BROKEN',
  'invalid',
  {
    message: ({ place, change }) => `${place}: ${change}`,
    fix: 'Add a new operation or field beside the old one. If nobody depends on it: `banyan check --write`, and commit contracts.json.',
  },
)

export const cliMigrationUnsafe: ErrorDefinition<{ statement: string; rule: string; fix: string }> =
  defineError('CLI_MIGRATION_UNSAFE', 'invalid', {
    message: ({ statement, rule }) => `a migration that is not safe (${rule}): ${statement}`,
    fix: ({ fix }) => fix,
  })

export const cliServicesMissing: ErrorDefinition<{ folder: string }> = defineError(
  'CLI_SERVICES_MISSING',
  'invalid',
  {
    message: ({ folder }) => `no service is named, and none has a certificate in ${folder} yet`,
    fix: 'Name them: `banyan certs --services sales,money`, or `--topology` with its file.',
  },
)

export const cliTopologyMissing: ErrorDefinition<{ file: string }> = defineError(
  'CLI_TOPOLOGY_MISSING',
  'invalid',
  {
    message: ({ file }) => `the topology ${file} cannot be read`,
    fix: 'Name a file whose default export is a topology: `banyan plan shop/topologies/split.ts`.',
  },
)

export const cliTopologyBroken: ErrorDefinition<{ file: string; cause: string }> = defineError(
  'CLI_TOPOLOGY_BROKEN',
  'invalid',
  {
    message: ({ file, cause }) => `the topology ${file} could not be loaded: ${cause}`,
    fix: 'Write `export default topology({ services: { … } })`, with `topology` of banyan/topology; --verbose shows the stack.',
  },
)

export const cliConfirmationMissing: ErrorDefinition<{ action: string }> = defineError(
  'CLI_CONFIRMATION_MISSING',
  'invalid',
  {
    message: ({ action }) => `this would ${action}; it was not confirmed, and nothing was changed`,
    fix: 'Repeat the command with --yes.',
  },
)

export const cliFlagInvalid: ErrorDefinition<{ flag: string; cause: string; wanted: string }> =
  defineError('CLI_FLAG_INVALID', 'invalid', {
    message: ({ flag, cause }) => `${flag} is not usable: ${cause}`,
    fix: ({ wanted }) => wanted,
  })

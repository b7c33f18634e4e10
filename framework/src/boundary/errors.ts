import { defineError, type ErrorDefinition } from '../kernel/index.ts'

export const boundaryFileUnreadable: ErrorDefinition<{ file: string; cause: string }> = defineError(
  'BOUNDARY_FILE_UNREADABLE',
  'invalid',
  {
    message: ({ file, cause }) => `${file} cannot be parsed: ${cause}`,
    fix: 'Make the file valid TypeScript; what cannot be parsed cannot be checked.',
  },
)

export const boundaryModulesMissing: ErrorDefinition<{ root: string }> = defineError(
  'BOUNDARY_MODULES_MISSING',
  'invalid',
  {
    message: ({ root }) => `no module was found below ${root}`,
    fix: 'A module is a folder with a contract.ts and a module.ts; check the path.',
  },
)

export const boundaryImportForeign: ErrorDefinition<{
  module: string
  owner: string
  specifier: string
}> = defineError('BOUNDARY_IMPORT_FOREIGN', 'invalid', {
  message: ({ module, owner, specifier }) =>
    `${module} imports "${specifier}", which is inside module "${owner}"`,
  fix: ({ owner }) =>
    `Import ${owner}/contract.ts and call an operation of "${owner}", or subscribe to its events; what is missing there belongs into its contract.`,
})

export const boundaryImportComputed: ErrorDefinition<{ module: string }> = defineError(
  'BOUNDARY_IMPORT_COMPUTED',
  'invalid',
  {
    message: ({ module }) => `${module} imports a path that is computed at run time`,
    fix: 'Write the path as a string literal, so that the boundary can be checked.',
  },
)

export const boundaryImportCycle: ErrorDefinition<{ path: readonly string[] }> = defineError(
  'BOUNDARY_IMPORT_CYCLE',
  'invalid',
  {
    message: ({ path }) => `files import each other in a circle: ${path.join(' → ')}`,
    fix: 'Move what both need into a file of its own that imports neither, or let one side subscribe to an event.',
  },
)

export const boundaryTableForeign: ErrorDefinition<{
  module: string
  owner: string
  table: string
}> = defineError('BOUNDARY_TABLE_FOREIGN', 'invalid', {
  message: ({ module, owner, table }) =>
    `${module} reaches into "${table}", a table of module "${owner}"`,
  fix: ({ owner }) =>
    `1) call an operation of "${owner}"   2) subscribe to an event of "${owner}" and keep a local copy`,
})

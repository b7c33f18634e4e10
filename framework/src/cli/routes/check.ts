import { buildCommand, type Command, type CommandContext } from '@stricli/core'
import type { CheckFlags } from '../commands/check.ts'
import { flag, folderOnly, json } from './parameters.ts'

export const checkRoute: Command<CommandContext> = buildCommand<CheckFlags, [string]>({
  loader: async () => {
    const { check } = await import('../commands/check.ts')
    return (flags, folder) => check(flags, folder)
  },
  parameters: {
    flags: {
      json,
      write: flag('write contracts.json, the contracts that later checks compare with'),
    },
    positional: folderOnly,
  },
  docs: {
    brief: 'find what breaks modules apart, before it runs',
    fullDescription: `Without a database, in about a second:
  boundaries  no module imports another's internals or names its tables, no files import in a circle
  modules     every use is declared and present, no module uses itself through others
  contracts   every operation has an access rule, every schema compiles, the API document renders
  changes     no contract breaks one that contracts.json promises (if that file is committed)
  migrations  numbered without gaps, nothing that locks or rewrites a table in use

All problems are shown at once, by file, each with its place, its reason and a fix; then the command
ends with 1. That an applied migration was changed is seen at start, where the database is.`,
  },
})

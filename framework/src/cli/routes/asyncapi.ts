import { buildCommand, type Command, type CommandContext } from '@stricli/core'
import type { AsyncApiFlags } from '../commands/asyncapi.ts'
import { flag, folderOnly, json, text } from './parameters.ts'

export const asyncApiRoute: Command<CommandContext> = buildCommand<AsyncApiFlags, [string]>({
  loader: async () => {
    const { asyncApi } = await import('../commands/asyncapi.ts')
    return (flags, folder) => asyncApi(flags, folder)
  },
  parameters: {
    flags: {
      out: text('file to write instead of standard output', 'file'),
      jobs: flag('show jobs too, which are internal to their modules'),
      json,
    },
    positional: folderOnly,
  },
  docs: {
    brief: 'print the AsyncAPI 3.0 document of the events of the application',
    fullDescription: `A channel per event with its payload as it is on the wire, its headers, key and version; who sends it,
and who receives it. Equal contracts give equal text, so it can be committed and compared. It is JSON with
or without --json; the version is that of package.json.`,
  },
})

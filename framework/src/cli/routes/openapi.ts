import { buildCommand, type Command, type CommandContext } from '@stricli/core'
import type { OpenApiFlags } from '../commands/openapi.ts'
import { folderOnly, json, text } from './parameters.ts'

export const openApiRoute: Command<CommandContext> = buildCommand<OpenApiFlags, [string]>({
  loader: async () => {
    const { openApi } = await import('../commands/openapi.ts')
    return (flags, folder) => openApi(flags, folder)
  },
  parameters: {
    flags: { out: text('file to write instead of standard output', 'file'), json },
    positional: folderOnly,
  },
  docs: {
    brief: 'print the OpenAPI 3.1 document of the application',
    fullDescription: `The document that a running application serves at /openapi.json. Equal contracts give equal text, so it
can be committed and compared. It is JSON with or without --json; the version is that of package.json.`,
  },
})

import { buildCommand, type Command, type CommandContext } from '@stricli/core'
import { folderOnly, json } from './parameters.ts'

export const downRoute: Command<CommandContext> = buildCommand<
  { readonly json?: boolean },
  [string]
>({
  loader: async () => {
    const { down } = await import('../commands/down.ts')
    return (flags, folder) => down(flags, folder)
  },
  parameters: { flags: { json }, positional: folderOnly },
  docs: {
    brief: 'end what runs, in order',
    fullDescription: `What Ctrl-C does in the terminal of \`banyan up\`, from another one. Also ends what a killed supervisor
left. Ends with 0 when nothing runs.`,
  },
})

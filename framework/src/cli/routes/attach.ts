import { buildCommand, type Command, type CommandContext } from '@stricli/core'
import { folderOnly, json } from './parameters.ts'

export const attachRoute: Command<CommandContext> = buildCommand<
  { readonly json?: boolean },
  [string]
>({
  loader: async () => {
    const { attach } = await import('../commands/attach.ts')
    return (flags, folder) => attach(flags, folder)
  },
  parameters: { flags: { json }, positional: folderOnly },
  docs: {
    brief: 'show the log of what runs; Ctrl-C ends the showing only',
    fullDescription: `What \`banyan up\` prints, from now on, in another terminal. A reader that is too slow misses lines; they
are in .banyan/run/logs.`,
  },
})

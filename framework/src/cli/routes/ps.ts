import { buildCommand, type Command, type CommandContext } from '@stricli/core'
import { folderOnly, json } from './parameters.ts'

export const psRoute: Command<CommandContext> = buildCommand<{ readonly json?: boolean }, [string]>(
  {
    loader: async () => {
      const { ps } = await import('../commands/ps.ts')
      return (flags, folder) => ps(flags, folder)
    },
    parameters: { flags: { json }, positional: folderOnly },
    docs: {
      brief: 'show what runs of a topology',
      fullDescription: `One line per process of \`banyan up\`: who it is, how long it runs, how often it was started again, its
memory, its calls in flight, its address. Also after the supervisor was killed, as far as it can be told
then. Ends with 69 when nothing runs.`,
    },
  },
)

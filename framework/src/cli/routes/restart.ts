import { buildCommand, type Command, type CommandContext } from '@stricli/core'
import { folderLast, json } from './parameters.ts'

export const restartRoute: Command<CommandContext> = buildCommand<
  { readonly json?: boolean },
  [string, string]
>({
  loader: async () => {
    const { restart } = await import('../commands/restart.ts')
    return (flags, target, folder) => restart(flags, target, folder)
  },
  parameters: {
    flags: { json },
    positional: {
      kind: 'tuple',
      parameters: [
        {
          brief: 'a service, an instance, a keeper (postgres, gateway, companion-<name>), or all',
          parse: String,
          placeholder: 'what',
        },
        folderLast,
      ],
    },
  },
  docs: {
    brief: 'start instances anew, one after the other, without a failed request',
    fullDescription: `banyan restart sales shop

For each instance in turn: a new one starts, with the code as it is now; when it is ready the old one is
drained and ends. "all" means every instance. Keepers are restarted only by name: the database and
companions are away for a moment, the gateway is not.`,
  },
})

import { buildCommand, type Command, type CommandContext } from '@stricli/core'
import type { ExplainFlags } from '../commands/explain.ts'
import { json } from './parameters.ts'

export const explainRoute: Command<CommandContext> = buildCommand<
  ExplainFlags,
  [string | undefined]
>({
  loader: async () => {
    const { explain } = await import('../commands/explain.ts')
    return (flags, code) => explain(flags, code)
  },
  parameters: {
    flags: { json },
    positional: {
      kind: 'tuple',
      parameters: [
        {
          brief: 'such as DATA_UNAVAILABLE; without it all codes are listed',
          parse: String,
          placeholder: 'code',
          optional: true,
        },
      ],
    },
  },
  docs: {
    brief: 'explain an error code, offline',
    fullDescription: `What the error means and what to do, its kind, the HTTP status it gets, whether the call may be made
again, and the exit code of a command that ends with it.`,
  },
})

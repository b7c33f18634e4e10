import { buildCommand, type Command, type CommandContext } from '@stricli/core'
import type { GraphFlags } from '../commands/graph.ts'
import { flag, folderOnly, json } from './parameters.ts'

export const graphRoute: Command<CommandContext> = buildCommand<GraphFlags, [string]>({
  loader: async () => {
    const { graph } = await import('../commands/graph.ts')
    return (flags, folder) => graph(flags, folder)
  },
  parameters: {
    flags: {
      mermaid: flag('print a Mermaid diagram'),
      json,
    },
    positional: folderOnly,
  },
  docs: {
    brief: 'print which module uses which, and which events it hears',
    fullDescription: `One module a line, then an arrow and the modules that it may call, then a dashed one and the events that
it hears: \`notifications → identity ⇠ orders.paid\`. In a Mermaid diagram a dashed arrow goes from the module
that publishes to the one that hears. With --json, \`events\` names every event and who hears it, nobody too.`,
  },
})

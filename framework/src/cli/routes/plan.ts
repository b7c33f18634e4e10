import { buildCommand, type Command, type CommandContext } from '@stricli/core'
import type { PlanFlags } from '../commands/plan.ts'
import { flag, folderAround, json, set, text, topologyFile } from './parameters.ts'

export const planRoute: Command<CommandContext> = buildCommand<
  PlanFlags,
  [string, string | undefined]
>({
  loader: async () => {
    const { plan } = await import('../commands/plan.ts')
    return (flags, topology, folder) => plan(flags, topology, folder)
  },
  parameters: {
    flags: {
      from: text('print the difference from this topology, or from a plan as JSON', 'file'),
      set,
      origins: flag('print every value with the layer that set it'),
      json,
    },
    positional: { kind: 'tuple', parameters: [topologyFile, folderAround] },
  },
  docs: {
    brief: 'print what a topology means, or what a change of topology does',
    fullDescription: `banyan plan shop/topologies/split.ts --from shop/topologies/dev.ts

Starts nothing and asks no database. A value comes from --set, else from the environment (the settings
that scale an instance, and DATABASE_URL), else from the file, else it is the default.

With --from: what comes and goes, which modules move, which uses become calls between processes, the
connections before, after and in between. The environment speaks for both, --set for the new one only.

All that is wrong with a topology is told at once, each with its place and a fix; then the command ends
with 78. Warnings do not change the exit code. With --json the plan has the form of
docs/reference/plan-schema.json.`,
  },
})

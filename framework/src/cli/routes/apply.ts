import { buildCommand, type Command, type CommandContext } from '@stricli/core'
import type { ApplyFlags } from '../commands/apply.ts'
import { duration, flag, folderAround, json, set, topologyFile } from './parameters.ts'

export const applyRoute: Command<CommandContext> = buildCommand<
  ApplyFlags,
  [string | undefined, string | undefined]
>({
  loader: async () => {
    const { apply } = await import('../commands/apply.ts')
    return (flags, topology, folder) => apply(flags, topology, folder)
  },
  parameters: {
    flags: {
      back: flag('go back to what ran before; the only argument is the folder then'),
      set,
      force: flag('also where the new topology promises less availability'),
      deadline: duration('longest wait for new instances; 2m unless given'),
      json,
    },
    positional: {
      kind: 'tuple',
      parameters: [{ ...topologyFile, optional: true }, folderAround],
    },
  },
  docs: {
    brief: 'move what runs to another topology, without a failed request',
    fullDescription: `banyan apply shop/topologies/peak.ts
banyan apply --back shop

Prints the difference, then: new instances start beside the old ones; when all of them are ready they join
the directory and the gateway; the old ones are taken out, finish what they have, and end. Instances whose
definition is the same stay as they are. If a new one does not become ready, the new ones are stopped,
the old ones go on, and the command fails.

Refused before anything happens: another application, another database server, more connections than the
server has while both run, a public port that somebody else has, less availability than what runs claims
(unless --force).

A supervisor that is killed meanwhile completes the change or takes it back when it is started again.`,
  },
})

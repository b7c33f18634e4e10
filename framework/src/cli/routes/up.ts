import { buildCommand, type Command, type CommandContext } from '@stricli/core'
import type { UpFlags } from '../commands/up.ts'
import { duration, folderAround, json, set, topologyFile } from './parameters.ts'

export const upRoute: Command<CommandContext> = buildCommand<UpFlags, [string, string | undefined]>(
  {
    loader: async () => {
      const { up } = await import('../commands/up.ts')
      return (flags, topology, folder) => up(flags, topology, folder)
    },
    parameters: {
      flags: {
        set,
        seed: {
          kind: 'boolean',
          brief: 'fill empty databases; so for the embedded PostgreSQL unless --no-seed',
          optional: true,
        },
        grace: duration('how long processes go on without a supervisor; 30s unless given'),
        json,
      },
      positional: { kind: 'tuple', parameters: [topologyFile, folderAround] },
    },
    docs: {
      brief: 'run all services of a topology on this machine, and keep them running',
      fullDescription: `banyan up shop/topologies/split.ts

Starts the embedded PostgreSQL, companions, every instance and the gateway, and shows one log of all.
What ends is started again: after 100 ms, then twice as long up to 10 s. What does not answer for 6 s is
ended first. While everything starts for the first time, a process that ends 5 times within its first 5 s
ends the command instead, with its last words.

Ctrl-C ends everything in order: instances (callers first), gateway, companions, database. A second one
ends it by force. Nothing is left either way.

When this command itself is killed, its processes serve on, and the next \`banyan up\` takes them over
without restarting any. If none comes within --grace, they end by themselves.

Everything local is in .banyan/run: plan.json, state.json, logs. With --json every line is one JSON object:
events have a "type", lines of processes have an "instance".`,
    },
  },
)

import { buildCommand, type Command, type CommandContext } from '@stricli/core'
import type { StartFlags } from '../commands/start.ts'
import { flag, folderOnly, host, port } from './parameters.ts'

type Flags = StartFlags & { readonly supervised?: boolean; readonly json?: boolean }

export const startRoute: Command<CommandContext> = buildCommand<Flags, [string]>({
  loader: async () => {
    const { start } = await import('../commands/start.ts')
    return async ({ supervised = false, ...flags }, folder) => {
      if (!supervised) return start(flags, folder)
      const { startSupervised } = await import('../commands/start-supervised.ts')
      return startSupervised(flags, folder)
    }
  },
  parameters: {
    flags: {
      host,
      port,
      seed: flag('fill empty databases'),
      json: flag('report a failed start as JSON'),
      supervised: { ...flag('run under banyan dev'), hidden: true },
    },
    positional: folderOnly,
  },
  docs: {
    brief: 'run the application in this process until it is told to stop',
    fullDescription: `One process, no watching, no companions. The log is NDJSON on standard output; the line "listening"
tells the address. The database is the one of DATABASE_URL; without it, and when modules have tables,
an embedded PostgreSQL in .banyan/ of the application's folder.

SIGTERM or SIGINT: unready, keep serving for BANYAN_DRAIN_NOTICE, drain for at most
BANYAN_DRAIN_DEADLINE, close, exit 0. A second signal ends the process at once (130). What nobody
caught is logged as fatal with its code and ends the process with 70.`,
  },
})

import { buildCommand, type Command, type CommandContext } from '@stricli/core'
import type { DevFlags } from '../commands/dev.ts'
import { folderOnly, host, json, port } from './parameters.ts'

export const devRoute: Command<CommandContext> = buildCommand<DevFlags, [string]>({
  loader: async () => {
    const { dev } = await import('../commands/dev.ts')
    return (flags, folder) => dev(flags, folder)
  },
  parameters: { flags: { host, port, json }, positional: folderOnly },
  docs: {
    brief: 'run the application, restarting it when sources change',
    fullDescription: `Runs the application with an embedded PostgreSQL and the companions that banyan.ts names, fills
empty databases, and replaces the application's process when a source changes. Everything local is
below .banyan/ in the application's folder.

An application that cannot start is reported and started again at the next change. Only when the very
first start fails for a reason that no source can mend (a setting, a taken port, the database) the
command ends with that error's exit code.

Ctrl-C drains the application, then ends companions, then the database. A second Ctrl-C ends them by
force; nothing is left either way. With --json every line is one JSON object: events of the command
have a "type", lines of the application's log have a "level".`,
  },
})

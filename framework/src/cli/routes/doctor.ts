import { buildCommand, type Command, type CommandContext } from '@stricli/core'
import type { DoctorFlags } from '../commands/doctor.ts'
import { folderOnly, json, port } from './parameters.ts'

export const doctorRoute: Command<CommandContext> = buildCommand<DoctorFlags, [string]>({
  loader: async () => {
    const { doctor } = await import('../commands/doctor.ts')
    return (flags, folder) => doctor(flags, folder)
  },
  parameters: { flags: { port, json }, positional: folderOnly },
  docs: {
    brief: 'look at what the machine gives the application',
    fullDescription: `Checks the version of Node, settings (those of modules included), the PostgreSQL that would be used and
how it is started, the port, the folder of local state and who holds it, free disk space and the
clock. Each line is ok, warn or fail with what to do. Any fail ends with 1.`,
  },
})

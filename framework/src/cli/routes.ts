import {
  type Application,
  buildApplication,
  buildCommand,
  buildRouteMap,
  type CommandContext,
  numberParser,
  text_en,
} from '@stricli/core'
import { asBanyanError } from '../kernel/index.ts'
import type { DevFlags } from './commands/dev.ts'
import type { StartFlags } from './commands/start.ts'
import { exitCodeOf } from './exit-codes.ts'
import { formatError } from './report-error.ts'

const folder = {
  kind: 'tuple',
  parameters: [
    {
      brief: 'folder of the application (holds banyan.ts)',
      parse: String,
      placeholder: 'folder',
      default: '.',
    },
  ],
} as const

const host = {
  kind: 'parsed',
  parse: String,
  brief: 'address to listen on',
  optional: true,
} as const
const port = {
  kind: 'parsed',
  parse: numberParser,
  brief: 'port to listen on; 0 picks one',
  optional: true,
} as const

const dev = buildCommand<DevFlags, [string]>({
  loader: async () => {
    const { dev: run } = await import('./commands/dev.ts')
    return (flags, target) => run(flags, target)
  },
  parameters: {
    flags: {
      host,
      port,
      json: { kind: 'boolean', brief: 'print one JSON object per event', optional: true },
    },
    positional: folder,
  },
  docs: {
    brief: 'Run the application with an embedded PostgreSQL, restarting it when sources change',
  },
})

const start = buildCommand<StartFlags & { readonly supervised?: boolean }, [string]>({
  loader: async () => {
    const { start: run, startSupervised } = await import('./commands/start.ts')
    return ({ supervised = false, ...flags }, target) =>
      supervised ? startSupervised(flags, target) : run(flags, target)
  },
  parameters: {
    flags: {
      host,
      port,
      seed: { kind: 'boolean', brief: 'fill empty databases', optional: true },
      supervised: {
        kind: 'boolean',
        brief: 'run under `banyan dev`',
        optional: true,
        hidden: true,
      },
    },
    positional: folder,
  },
  docs: { brief: 'Run the application until SIGTERM or SIGINT, NDJSON on standard output' },
})

/** The command line of Banyan; every command is loaded when it is run. */
export function createCommandLine(
  version: string,
  isVerbose: boolean,
): Application<CommandContext> {
  return buildApplication(
    buildRouteMap({
      routes: { dev, start },
      docs: { brief: 'Banyan: a modular monolith that grows by configuration' },
    }),
    {
      name: 'banyan',
      versionInfo: { currentVersion: version },
      scanner: { caseStyle: 'allow-kebab-for-camel' },
      determineExitCode: (error) => exitCodeOf(asBanyanError(error).kind),
      localization: {
        text: {
          ...text_en,
          exceptionWhileRunningCommand: (error) => formatError(error, isVerbose),
          exceptionWhileLoadingCommandFunction: (error) => formatError(error, isVerbose),
        },
      },
    },
  )
}

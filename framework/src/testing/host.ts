import type { DatabaseServer } from '../data/index.ts'
import type { FileStore } from '../files/index.ts'
import type { Tokens } from '../identity/index.ts'
import type { World } from '../kernel/index.ts'
import type { Mailer } from '../mail/index.ts'
import type { Messages } from '../messages/index.ts'
import type { Application } from '../module/index.ts'
import type { Instance, InstanceOptions } from '../runtime/index.ts'
import type { LogSink } from '../telemetry/index.ts'
import type { Kill } from './kill-plan.ts'
import type { TestApplicationOptions } from './test-application-options.ts'

/** The instances that run an application under test. */
export interface TestHost extends AsyncDisposable {
  /** Where callers come in. */
  readonly edge: Instance
  readonly kills: readonly Kill[]
  /** Hands what all instances have logged to the sink of the test. */
  flushLogs(): void
  /** Runs scheduled work on an instance that hosts its module. */
  runSchedule(id: string): Promise<void>
  /** The messages of every instance that lives. */
  messages(): readonly Messages[]
}

/** What the instances of one test have in common. */
export interface HostParts {
  readonly application: Application
  readonly options: TestApplicationOptions
  readonly world: World
  readonly tokens: Tokens
  readonly server: DatabaseServer | undefined
  readonly files: FileStore
  readonly mailer: Mailer
  readonly sink: LogSink
}

/** What every instance of a test is started with. */
export function instanceOptionsOf({
  options,
  world,
  tokens,
  server,
  files,
  mailer,
}: HostParts): Pick<
  InstanceOptions,
  | 'world'
  | 'tokens'
  | 'server'
  | 'files'
  | 'mailer'
  | 'config'
  | 'inFlightMax'
  | 'messages'
  | 'messageLimits'
  | 'messageSafety'
  | 'transport'
  | 'carriesJobs'
> {
  const { config = {}, inFlightMax, messages = false, messageLimits, messageSafety } = options
  const transport = options.transport?.()
  const { carriesJobs = false } = options
  return {
    ...{ world, tokens, server, files, mailer, config, messages, carriesJobs },
    ...(messageLimits === undefined ? {} : { messageLimits }),
    ...(messageSafety === undefined ? {} : { messageSafety }),
    ...(transport === undefined ? {} : { transport }),
    ...(inFlightMax === undefined ? {} : { inFlightMax }),
  }
}

/** The public listener of a test, if it asked for one. */
export function listenOf({ options }: HostParts): Pick<InstanceOptions, 'listen'> {
  return options.http === true ? { listen: { host: '127.0.0.1', port: 0 } } : {}
}

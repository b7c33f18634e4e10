import path from 'node:path'
import type { DatabaseServer } from '../data/index.ts'
import { startTraceExporter } from '../engines/otlp/index.ts'
import { createPostgresServer } from '../engines/postgres/client/index.ts'
import type { HttpHandler } from '../http/index.ts'
import { createTokens, type Tokens } from '../identity/index.ts'
import { armFaults, type BanyanError, createWorld, type World } from '../kernel/index.ts'
import type { Application } from '../module/index.ts'
import {
  createFileSink,
  createTelemetry,
  type LogSink,
  type Telemetry,
} from '../telemetry/index.ts'
import type { ListenOptions } from './instance-options.ts'
import { type Instance, startInstance } from './instance.ts'
import { KeptPostgres } from './kept-postgres.ts'
import type { Settings } from './settings.ts'
import { developmentSecret } from './token-secret.ts'

export interface RuntimeOptions {
  readonly application: Application
  readonly settings: Settings
  /** Version shown in the API document. */
  readonly version?: string
  /** Whether modules fill empty databases. */
  readonly seed?: boolean
  /** Whether it has a listener of its own; true unless given. Without one its `handler` can be
   *  mounted into a foreign server. */
  readonly listen?: boolean
  /** Whether schedules run; true unless given. */
  readonly schedules?: boolean
  readonly sink?: LogSink
  /** Told each step that takes time. */
  readonly report?: (step: string) => void
}

/** One process that runs a whole application. */
export interface Runtime extends AsyncDisposable {
  readonly instance: Instance
  readonly settings: Settings
  /** The public HTTP as a plain Node handler. */
  readonly handler: HttpHandler
  /** Address of the public HTTP listener; empty without one. */
  readonly url: string
  /** `embedded PostgreSQL 18.4 in …`, the server that DATABASE_URL names, without its secret, or
   *  `no database` where no module has tables. */
  readonly databaseLabel: string
  /** Fulfils when the embedded PostgreSQL ended so often that it is not started again: the process
   *  has nothing left to do. Never with another database. */
  readonly lost: Promise<BanyanError>
  stop(): Promise<void>
}

/** Starts an application in this process from settings: the embedded PostgreSQL or the one of
 *  DATABASE_URL if any module has tables, telemetry with its exporter, the instance with its listener.
 *  @throws the coded error of the step that failed; what was started before is stopped again */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { application, settings } = options
  const stack = new AsyncDisposableStack()
  try {
    const world = createWorld()
    armFaults(world.faults, settings.faults)
    const telemetry = createTelemetry({
      clock: world.clock,
      random: world.random,
      service: application.name,
      sink: options.sink ?? createFileSink(1),
      level: settings.logLevel,
      sampleShare: settings.traceShare,
    })
    exportTraces(stack, options, { world, telemetry })
    const database = await openServer(stack, options, { world, telemetry })
    options.report?.('migrating and compiling')
    const instance = await startInstance({
      application,
      world,
      telemetry,
      tokens: await openTokens(options, world),
      server: database.server,
      variables: settings.moduleVariables,
      inFlightMax: settings.inFlightMax,
      limits: {
        readConnectionsMax: settings.readConnectionsMax,
        transactionsMax: settings.transactionsMax,
      },
      seed: options.seed ?? false,
      schedules: options.schedules ?? true,
      api: { corsOrigins: settings.corsOrigins, version: options.version ?? '0.0.0' },
      ...(options.listen === false ? {} : { listen: listenerOf(settings) }),
    })
    stack.use(instance)
    return {
      instance,
      settings,
      handler: instance.handler,
      url: instance.http?.url ?? '',
      databaseLabel: database.label,
      lost: database.lost,
      stop: () => stack.disposeAsync(),
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    }
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}

function listenerOf({ host, port, drainNoticeMs, drainDeadlineMs }: Settings): ListenOptions {
  return { host, port, drain: { noticeMs: drainNoticeMs, deadlineMs: drainDeadlineMs } }
}

function exportTraces(
  stack: AsyncDisposableStack,
  { application, settings }: RuntimeOptions,
  { world, telemetry }: { readonly world: World; readonly telemetry: Telemetry },
): void {
  if (settings.otlpUrl === undefined) return
  const { clock } = world
  stack.use(
    startTraceExporter({ telemetry, clock, service: application.name, url: settings.otlpUrl }),
  )
}

async function openServer(
  stack: AsyncDisposableStack,
  { application, settings, report }: RuntimeOptions,
  { world, telemetry }: { readonly world: World; readonly telemetry: Telemetry },
): Promise<OpenServer> {
  const applicationName = application.name
  const { statementNames } = settings
  const connectTo = (url: string): DatabaseServer =>
    createPostgresServer({ url, applicationName, statementNames })
  if (application.modules.every(({ tables }) => tables === undefined)) {
    return { server: undefined, label: 'no database', lost: never }
  }
  if (settings.databaseUrl !== undefined) {
    const server = connectTo(settings.databaseUrl)
    return { server, label: `PostgreSQL at ${server.address}`, lost: never }
  }
  report?.('starting the embedded PostgreSQL')
  const folder = path.resolve(settings.folder, 'postgres')
  const { logs } = telemetry
  const parts = { folder, clock: world.clock, logs, connectTo }
  const kept = stack.use(
    await KeptPostgres.start({ ...parts, ...(report === undefined ? {} : { report }) }),
  )
  const shown = path.relative(process.cwd(), folder) || folder
  const label = `embedded PostgreSQL ${kept.version} in ${shown}`
  return { server: kept.server, label, lost: kept.lost }
}

interface OpenServer {
  readonly server: DatabaseServer | undefined
  readonly label: string
  readonly lost: Promise<BanyanError>
}

const never = new Promise<never>(() => {})

async function openTokens(
  { application, settings }: RuntimeOptions,
  world: World,
): Promise<Tokens> {
  const [first, ...rest] = settings.tokenSecrets
  const { clock, ids, random } = world
  const secrets: [string, ...string[]] =
    first === undefined ? [await developmentSecret(settings.folder, random)] : [first, ...rest]
  return createTokens({ clock, ids, secrets, issuer: application.name })
}

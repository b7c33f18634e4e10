import path from 'node:path'
import type { DatabaseServer } from '../data/index.ts'
import { startTraceExporter } from '../engines/otlp/index.ts'
import { createPostgresServer } from '../engines/postgres/client/index.ts'
import type { HttpHandler } from '../http/index.ts'
import { createTokens, type Tokens } from '../identity/index.ts'
import { armFaults, type BanyanError, createWorld, type World } from '../kernel/index.ts'
import type { Endpoint } from '../remote/index.ts'
import { createFileSink, createTelemetry, type Telemetry } from '../telemetry/index.ts'
import { createFileStore } from './file-store.ts'
import { type Instance, startInstance } from './instance.ts'
import type { InstanceOptions } from './instance-options.ts'
import { KeptPostgres } from './kept-postgres.ts'
import {
  boundsOf,
  presentModules,
  listenerOf,
  openPlacement,
  serviceNameOf,
} from './planned-placement.ts'
import { createMailer } from './mailer.ts'
import type { RuntimeOptions } from './runtime-options.ts'
import type { Settings } from './settings.ts'
import { developmentSecret } from './token-secret.ts'
import { createTransport } from './transport.ts'
import { startWatchdog } from './watchdog.ts'

/** One process of an application: all of it, or one instance of a service. */
export interface Runtime extends AsyncDisposable {
  readonly instance: Instance
  readonly settings: Settings
  /** The public HTTP as a plain Node handler. */
  readonly handler: HttpHandler
  /** Address of the public HTTP listener; empty without one. */
  readonly url: string
  /** Where peers reach it; undefined for one that stands alone. */
  readonly peers: Endpoint | undefined
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
      service: serviceNameOf(options),
      sink: options.sink ?? createFileSink(1),
      level: settings.logLevel,
      sampleShare: settings.traceShare,
    })
    exportTraces(stack, options, { world, telemetry })
    const placement = await openPlacement(stack, options, { world, telemetry })
    const database = await openServer(stack, options, { world, telemetry })
    options.report?.('migrating and compiling')
    const instance = await startInstance({
      application,
      world,
      telemetry,
      tokens: await openTokens(options, world),
      server: database.server,
      files: stack.use(await createFileStore(settings, world)),
      mailer: stack.use(await createMailer(settings, world)),
      variables: settings.moduleVariables,
      ...boundsOf(options),
      seed: options.seed ?? false,
      schedules: options.schedules ?? true,
      messages: options.messages ?? true,
      api: { corsOrigins: settings.corsOrigins, version: options.version ?? '0.0.0' },
      drain: { noticeMs: settings.drainNoticeMs, deadlineMs: settings.drainDeadlineMs },
      ...(placement === undefined ? {} : { placement }),
      ...(await openTransport(stack, options, { world, telemetry })),
      ...listenerOf(options),
    })
    stack.use(instance)
    if (instance.messages?.isWorking === true && settings.stuckMs > 0) {
      stack.defer(startWatchdog({ clock: world.clock, stuckMs: settings.stuckMs }))
    }
    return {
      instance,
      settings,
      handler: instance.handler,
      url: instance.http?.url ?? '',
      peers: instance.peers?.endpoint,
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

function exportTraces(
  stack: AsyncDisposableStack,
  options: RuntimeOptions,
  { world, telemetry }: { readonly world: World; readonly telemetry: Telemetry },
): void {
  const { settings } = options
  if (settings.otlpUrl === undefined) return
  const service = serviceNameOf(options)
  const { clock } = world
  stack.use(startTraceExporter({ telemetry, clock, service, url: settings.otlpUrl }))
}

/** The broker that carries messages, if there is one. */
async function openTransport(
  stack: AsyncDisposableStack,
  { settings: { messagesUrl }, placement }: RuntimeOptions,
  { world: { clock }, telemetry }: { readonly world: World; readonly telemetry: Telemetry },
): Promise<Pick<InstanceOptions, 'transport' | 'carriesJobs'>> {
  const planned = placement?.plan.messages
  if (messagesUrl === undefined || (placement !== undefined && planned === undefined)) return {}
  const transport = await createTransport(messagesUrl, {
    ...{ clock, telemetry },
    planned: planned?.engine,
  })
  return { transport: stack.use(transport), carriesJobs: planned?.jobs ?? false }
}

async function openServer(
  stack: AsyncDisposableStack,
  options: RuntimeOptions,
  { world, telemetry }: { readonly world: World; readonly telemetry: Telemetry },
): Promise<OpenServer> {
  const { application, settings, report } = options
  const applicationName = application.name
  const { statementNames } = settings
  const connectTo = (url: string): DatabaseServer =>
    createPostgresServer({ url, applicationName, statementNames })
  if (presentModules(options).every(({ tables }) => tables === undefined)) {
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

import { type CompiledCalls, compileCalls, runModuleWork, type Storage } from '../call/index.ts'
import { type Database, openDatabase } from '../data/index.ts'
import { ModuleFiles } from '../files/index.ts'
import type { HttpHandler, HttpServer } from '../http/index.ts'
import type { PeerListener } from '../remote/index.ts'
import type { Timer } from '../kernel/index.ts'
import {
  createDepthGauges,
  createMessages,
  type Messages,
  messageTables,
} from '../messages/index.ts'
import type { Module } from '../module/index.ts'
import { createPublicHandler, openListener, readinessChecks } from './http.ts'
import type { InstanceOptions } from './instance-options.ts'
import { leaveService } from './leave-service.ts'
import { readModuleConfig } from './module-config.ts'
import { openRoad, type Road } from './peers.ts'
import { alone, modulesOf, ownService, workedModules } from './placement.ts'
import { type Schedules, createSchedules } from './schedules.ts'

/** A running instance. */
export interface Instance extends AsyncDisposable {
  readonly calls: CompiledCalls
  readonly database: Database | undefined
  readonly schedules: Schedules
  /** Undefined for an application without tables. */
  readonly messages: Messages | undefined
  /** The public HTTP as a plain Node handler: `app.use('/shop', instance.handler)`. */
  readonly handler: HttpHandler
  /** The listener, if it has one. */
  readonly http: HttpServer | undefined
  /** The listener that peers call, if it stands among others. */
  readonly peers: PeerListener | undefined
  /** Says goodbye in order: unready to balancers and peers, drained, its road, database, logs.
   *  Idempotent; each step has a deadline. */
  stop(): Promise<void>
}

const sweepEveryMs = 600_000
const seedTimeoutMs = 120_000
/** What runs when an instance stops without draining is cancelled after this. */
const stopMs = 2_000

/** Starts one instance: migrates, compiles, seeds, then listens.
 *  @throws RUNTIME_SETTING_INVALID · DATA_* · HTTP_*; what was started before is stopped again */
export async function startInstance(options: InstanceOptions): Promise<Instance> {
  const stack = new AsyncDisposableStack()
  try {
    const { telemetry, placement } = options
    stack.defer(() => telemetry.logs.flush())
    const own = placement === undefined ? alone : ownService(placement)
    const modules = modulesOf(options.application, own)
    const worked = workedModules(options.application, own)
    const present = [...new Set([...modules, ...worked])]
    const configs = readConfigs(present, options)
    const database = await openTables(present, options)
    if (database !== undefined) stack.defer(() => database.close())
    const road = placement === undefined ? undefined : stack.use(await openRoad(options, placement))
    const messages =
      database === undefined ? undefined : open(options, { present, worked, database })
    const calls = compile(options, { modules, worked, configs, database, road, messages })
    if (options.seed === true) await seed(modules, calls)
    const schedules = createSchedules(modules, calls, messages?.crons)
    stack.defer(() => schedules.stop())
    if (options.schedules !== false && own.runs.includes('schedules')) schedules.start()
    stack.defer(() => messages?.stop(stopMs))
    if (options.messages !== false && worked.length > 0) {
      await messages?.start(calls)
      if (database !== undefined) stack.defer(measureDepth(worked, database, options))
    }
    if (database !== undefined) stack.defer(startSweep(database, options))
    const checks = readinessChecks(database)
    const handler = createPublicHandler(calls, checks, options)
    const peers = await road?.listen(calls, checks)
    if (peers !== undefined) stack.defer(() => peers.stop())
    const http = await openListener(handler, options)
    stack.defer(() => leaveService({ http, peers, schedules, messages }, options))
    return new RunningInstance(
      { calls, database, schedules, messages, handler, http, peers },
      stack,
    )
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}

class RunningInstance implements Instance {
  readonly calls: CompiledCalls
  readonly database: Database | undefined
  readonly schedules: Schedules
  readonly messages: Messages | undefined
  readonly handler: HttpHandler
  readonly http: HttpServer | undefined
  readonly peers: PeerListener | undefined
  readonly #stack: AsyncDisposableStack
  #stopping: Promise<void> | undefined

  constructor(
    parts: Pick<
      Instance,
      'calls' | 'database' | 'schedules' | 'messages' | 'handler' | 'http' | 'peers'
    >,
    stack: AsyncDisposableStack,
  ) {
    this.calls = parts.calls
    this.database = parts.database
    this.schedules = parts.schedules
    this.messages = parts.messages
    this.handler = parts.handler
    this.http = parts.http
    this.peers = parts.peers
    this.#stack = stack
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stack.disposeAsync()
    return this.#stopping
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }
}

function compile(
  options: InstanceOptions,
  parts: {
    readonly modules: readonly Module[]
    readonly worked: readonly Module[]
    readonly configs: ReadonlyMap<string, unknown>
    readonly database: Database | undefined
    readonly road: Road | undefined
    readonly messages: Messages | undefined
  },
): CompiledCalls {
  const { application, world, telemetry, runner, inFlightMax, files, mailer } = options
  const { modules, configs, database, road, messages } = parts
  const hosted = new Set(modules.map(({ contract }) => contract.name))
  const worked = new Set(parts.worked.map(({ contract }) => contract.name))
  return compileCalls(application, {
    world,
    telemetry,
    configOf: ({ contract }) => configs.get(contract.name),
    storageOf: ({ contract, tables }) =>
      tables === undefined ? undefined : (database?.of(contract.name) as Storage | undefined),
    messagesOf: ({ contract, tables }) =>
      tables === undefined ? undefined : messages?.portOf(contract.name),
    issueToken: (principal, lifetimeMs) => options.tokens.issue(principal, lifetimeMs),
    ...(mailer && { sendMail: (mail, signal) => mailer.send(mail, { signal }) }),
    ...(road === undefined ? {} : { hosted, worked, sender: road.router }),
    ...(files === undefined
      ? {}
      : { filesOf: ({ contract }, context) => new ModuleFiles(files, contract.name, context) }),
    ...(runner === undefined ? {} : { runner }),
    ...(inFlightMax === undefined ? {} : { inFlightMax }),
  })
}

function readConfigs(
  modules: readonly Module[],
  { variables = {}, config = {} }: InstanceOptions,
): Map<string, unknown> {
  return new Map(
    modules.map((module) => {
      const { name } = module.contract
      return [name, readModuleConfig(module, variables, config[name])]
    }),
  )
}

function open(
  options: InstanceOptions,
  parts: {
    readonly present: readonly Module[]
    readonly worked: readonly Module[]
    readonly database: Database
  },
): Messages {
  const { present, worked, database } = parts
  const { application, world, telemetry, transport, carriesJobs } = options
  return createMessages({
    ...{ application, world, telemetry, present, worked, database },
    ...(transport === undefined ? {} : { transport }),
    ...(carriesJobs === undefined ? {} : { carriesJobs }),
    ...(options.messageLimits === undefined ? {} : { limits: options.messageLimits }),
    ...(options.messageSafety === undefined ? {} : { safety: options.messageSafety }),
  })
}

/** The tables of the modules that run here, and of those that hear of their events: these are handed to
 *  their inboxes. */
function openTables(
  hosted: readonly Module[],
  { application, server, world, telemetry, limits }: InstanceOptions,
): Promise<Database> | undefined {
  const published = new Set(
    hosted.flatMap(({ contract }) => Object.values(contract.events).map(({ name }) => name)),
  )
  const hearing = application.modules.filter(({ subscriptions }) =>
    subscriptions.some(({ event }) => published.has(event.name)),
  )
  const modules = [...new Set([...hosted, ...hearing])].flatMap(({ contract, tables }: Module) =>
    tables === undefined ? [] : [{ name: contract.name, migrations: tables.migrations }],
  )
  if (modules.length === 0) return undefined
  if (server === undefined) throw new Error('the application has tables but no database server')
  const bounds = limits === undefined ? {} : { limits }
  const streams = { messages: messageTables }
  return openDatabase({ server, modules, streams, world, telemetry, ...bounds })
}

async function seed(modules: readonly Module[], calls: CompiledCalls): Promise<void> {
  for (const { contract, seed: run } of modules) {
    if (run === undefined) continue
    const id = `${contract.name}.seed`
    await runModuleWork(calls, { id, module: contract.name, timeoutMs: seedTimeoutMs, run })
  }
}

/** Metrics of what waits in the queues that this instance works on. */
function measureDepth(
  modules: readonly Module[],
  database: Database,
  { world, telemetry }: InstanceOptions,
): () => Promise<void> {
  const gauges = createDepthGauges({ modules, database, world, telemetry })
  gauges.start()
  return () => gauges.stop()
}

function startSweep(database: Database, { world, telemetry }: InstanceOptions): () => void {
  let timer: Timer
  let isStopped = false
  const arm = (): void => {
    if (isStopped) return
    timer = world.clock.after(sweepEveryMs, sweep, { background: true })
  }
  const sweep = (): void => {
    database.sweep().then(arm, (error: unknown) => {
      telemetry.logs.log('warn', { err: error }, 'sweep of expired idempotency keys failed')
      arm()
    })
  }
  arm()
  return () => {
    isStopped = true
    timer.stop()
  }
}

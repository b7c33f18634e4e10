import { type CompiledCalls, compileCalls, runModuleWork, type Storage } from '../call/index.ts'
import { type Database, openDatabase } from '../data/index.ts'
import type { HttpHandler, HttpServer } from '../http/index.ts'
import type { Timer } from '../kernel/index.ts'
import type { Application, Module } from '../module/index.ts'
import { closeListener, createPublicHandler, openListener } from './http.ts'
import type { InstanceOptions } from './instance-options.ts'
import { readModuleConfig } from './module-config.ts'
import { type Schedules, createSchedules } from './schedules.ts'

/** A running instance. */
export interface Instance extends AsyncDisposable {
  readonly calls: CompiledCalls
  readonly database: Database | undefined
  readonly schedules: Schedules
  /** The public HTTP as a plain Node handler: `app.use('/shop', instance.handler)`. */
  readonly handler: HttpHandler
  /** The listener, if it has one. */
  readonly http: HttpServer | undefined
  /** Says goodbye in order: unready and draining, schedules, database, logs. Idempotent; each step has
   *  a deadline. */
  stop(): Promise<void>
}

const sweepEveryMs = 600_000
const seedTimeoutMs = 120_000

/** Starts one instance: migrates, compiles, seeds, then listens.
 *  @throws RUNTIME_SETTING_INVALID · DATA_* · HTTP_*; what was started before is stopped again */
export async function startInstance(options: InstanceOptions): Promise<Instance> {
  const stack = new AsyncDisposableStack()
  try {
    const { application, telemetry } = options
    stack.defer(() => telemetry.logs.flush())
    const configs = readConfigs(options)
    const database = await openTables(options)
    if (database !== undefined) stack.defer(() => database.close())
    const calls = compileCalls(application, {
      world: options.world,
      telemetry,
      configOf: ({ contract }) => configs.get(contract.name),
      storageOf: ({ contract, tables }) =>
        tables === undefined ? undefined : (database?.of(contract.name) as Storage | undefined),
      issueToken: (principal, lifetimeMs) => options.tokens.issue(principal, lifetimeMs),
      ...(options.runner === undefined ? {} : { runner: options.runner }),
      ...(options.inFlightMax === undefined ? {} : { inFlightMax: options.inFlightMax }),
    })
    if (options.seed === true) await seed(application, calls)
    const schedules = createSchedules(application, calls)
    stack.defer(() => schedules.stop())
    if (options.schedules !== false) schedules.start()
    if (database !== undefined) stack.defer(startSweep(database, options))
    const handler = createPublicHandler(calls, database, options)
    const http = await openListener(handler, options)
    if (http !== undefined) stack.defer(() => closeListener(http, options))
    return new RunningInstance({ calls, database, schedules, handler, http }, stack)
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}

class RunningInstance implements Instance {
  readonly calls: CompiledCalls
  readonly database: Database | undefined
  readonly schedules: Schedules
  readonly handler: HttpHandler
  readonly http: HttpServer | undefined
  readonly #stack: AsyncDisposableStack
  #stopping: Promise<void> | undefined

  constructor(
    parts: Pick<Instance, 'calls' | 'database' | 'schedules' | 'handler' | 'http'>,
    stack: AsyncDisposableStack,
  ) {
    this.calls = parts.calls
    this.database = parts.database
    this.schedules = parts.schedules
    this.handler = parts.handler
    this.http = parts.http
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

function readConfigs({
  application,
  variables = {},
  config = {},
}: InstanceOptions): Map<string, unknown> {
  return new Map(
    application.modules.map((module) => {
      const { name } = module.contract
      return [name, readModuleConfig(module, variables, config[name])]
    }),
  )
}

function openTables(options: InstanceOptions): Promise<Database> | undefined {
  const { application, server, world, telemetry, limits } = options
  const modules = application.modules.flatMap(({ contract, tables }: Module) =>
    tables === undefined ? [] : [{ name: contract.name, migrations: tables.migrations }],
  )
  if (modules.length === 0) return undefined
  if (server === undefined) throw new Error('the application has tables but no database server')
  const bounds = limits === undefined ? {} : { limits }
  return openDatabase({ server, modules, world, telemetry, ...bounds })
}

async function seed(application: Application, calls: CompiledCalls): Promise<void> {
  for (const { contract, seed: run } of application.modules) {
    if (run === undefined) continue
    const id = `${contract.name}.seed`
    await runModuleWork(calls, { id, module: contract.name, timeoutMs: seedTimeoutMs, run })
  }
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

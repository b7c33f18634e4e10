import { createExternalCaller, type ExternalCaller, type Runner } from '../call/index.ts'
import type { DatabaseServer } from '../data/index.ts'
import { createTokens, type Tokens } from '../identity/index.ts'
import {
  anonymous,
  type Clock,
  createSystemClock,
  createSystemRandom,
  createWorld,
  type Principal,
  type Random,
  type World,
} from '../kernel/index.ts'
import type { Application } from '../module/index.ts'
import { type Instance, startInstance } from '../runtime/index.ts'
import { createMemorySink, createTelemetry, type LogSink } from '../telemetry/index.ts'
import { createFromTemplate, dropDatabase } from './template.ts'
import { TestServer } from './test-server.ts'

export interface TestApplicationOptions {
  /** How modules call each other: `inline`, or `wire` (serialised, each answer lost once, each
   *  request doubled). `inline` unless given, or what TEST_RUNNER says. */
  readonly runner?: Runner
  /** A `FakeClock` to move time by hand; the machine's clock unless given. */
  readonly clock?: Clock
  readonly random?: Random
  /** Settings of modules, by module. */
  readonly config?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** True opens a listener on a free port of 127.0.0.1. */
  readonly http?: boolean
  /** Fills the databases as in development. */
  readonly seed?: boolean
  /** Whether schedules run by themselves; false unless given: run them with `runSchedule`. */
  readonly schedules?: boolean
  /** A database that another test application left: both then work on the same rows. */
  readonly database?: string
}

/** An application under test, on a database of its own. */
export interface TestApplication extends AsyncDisposable {
  readonly instance: Instance
  readonly world: World
  readonly tokens: Tokens
  /** Address of the listener. @throws when `http` was not asked for */
  readonly url: string
  /** Lines logged so far, parsed. */
  readonly logs: readonly Record<string, unknown>[]
  /** The database's server as its owner, for looking at rows behind the modules' backs. */
  readonly server: DatabaseServer
  /** Calls as a caller from outside, access rules included. Anonymous unless given. */
  as(principal?: Principal): ExternalCaller
  /** Calls as the operator: access rules do not apply, so that internal operations can be tested. */
  readonly operator: ExternalCaller
  /** An access token for `principal`, valid for an hour. */
  tokenFor(principal: Principal): string
  /** Runs `checkout.schedules.recover` now. */
  runSchedule(id: string): Promise<void>
}

const testSecret = 'a secret for tests that is known to everybody'

/** Starts an application for a test, on a database made from a migrated template.
 *  Cost: about 100 ms once a process has its server (the first on a machine 2 s); a second
 *  application of the same modules about 40 ms.
 *  @example await using app = await testApplication(shop) */
export async function testApplication(
  application: Application,
  options: TestApplicationOptions = {},
): Promise<TestApplication> {
  const stack = new AsyncDisposableStack()
  try {
    const world = createWorld({
      clock: options.clock ?? createSystemClock(),
      random: options.random ?? createSystemRandom(),
    })
    const sink = createMemorySink()
    const server = await openDatabase(stack, application, options)
    const tokens = createTokens({
      clock: world.clock,
      ids: world.ids,
      secrets: [testSecret],
      issuer: application.name,
    })
    const instance = await startTestInstance(application, { options, world, sink, tokens, server })
    stack.use(instance)
    return new RunningTest({ instance, world, tokens, sink, server, stack })
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}

interface TestParts {
  readonly options: TestApplicationOptions
  readonly world: World
  readonly sink: LogSink
  readonly tokens: Tokens
  readonly server: DatabaseServer | undefined
}

function startTestInstance(application: Application, parts: TestParts): Promise<Instance> {
  const { options, world, sink, tokens, server } = parts
  const runner = options.runner ?? runnerOfEnvironment()
  const { clock, random } = world
  return startInstance({
    application,
    world,
    tokens,
    server,
    runner,
    telemetry: createTelemetry({ clock, random, sink, service: application.name, level: 'debug' }),
    config: options.config ?? {},
    seed: options.seed ?? false,
    schedules: options.schedules ?? false,
    ...(options.http === true ? { listen: { host: '127.0.0.1', port: 0 } } : {}),
  })
}

function runnerOfEnvironment(): Runner {
  return process.env['TEST_RUNNER'] === 'wire' ? 'wire' : 'inline'
}

async function openDatabase(
  stack: AsyncDisposableStack,
  application: Application,
  options: TestApplicationOptions,
): Promise<DatabaseServer | undefined> {
  if (application.modules.every(({ tables }) => tables === undefined)) return undefined
  const shared = await TestServer.acquire()
  stack.defer(() => shared.release())
  if (options.database !== undefined) return shared.server.withDatabase(options.database)
  const name = await createFromTemplate(shared, application)
  stack.defer(() => dropDatabase(shared.server, name))
  return shared.server.withDatabase(name)
}

class RunningTest implements TestApplication {
  readonly instance: Instance
  readonly world: World
  readonly tokens: Tokens
  readonly operator: ExternalCaller
  readonly #server: DatabaseServer | undefined
  readonly #sink: LogSink & { readonly lines?: readonly string[] }
  readonly #stack: AsyncDisposableStack

  constructor(parts: {
    readonly instance: Instance
    readonly world: World
    readonly tokens: Tokens
    readonly sink: LogSink
    readonly server: DatabaseServer | undefined
    readonly stack: AsyncDisposableStack
  }) {
    this.instance = parts.instance
    this.world = parts.world
    this.tokens = parts.tokens
    this.#sink = parts.sink
    this.#server = parts.server
    this.#stack = parts.stack
    this.operator = createExternalCaller(parts.instance.calls, { bypassAccess: true })
  }

  get url(): string {
    const { http } = this.instance
    if (http === undefined)
      throw new Error('this test application was started without { http: true }')
    return http.url
  }

  get logs(): readonly Record<string, unknown>[] {
    void this.instance.calls.telemetry.logs.flush()
    return (this.#sink.lines ?? []).map((line) => JSON.parse(line) as Record<string, unknown>)
  }

  get server(): DatabaseServer {
    if (this.#server === undefined) throw new Error('this application has no tables')
    return this.#server
  }

  as(principal: Principal = anonymous): ExternalCaller {
    return createExternalCaller(this.instance.calls, { principal })
  }

  tokenFor(principal: Principal): string {
    return this.tokens.issue(principal, 3_600_000)
  }

  async runSchedule(id: string): Promise<void> {
    await this.instance.schedules.run(id)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync()
  }
}

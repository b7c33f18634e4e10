import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createExternalCaller, type ExternalCaller } from '../call/index.ts'
import type { DatabaseServer } from '../data/index.ts'
import { createLocalFileStore, type FileStore } from '../files/index.ts'
import { createTokens, type Tokens } from '../identity/index.ts'
import {
  anonymous,
  createSystemClock,
  createSystemRandom,
  createWorld,
  type Principal,
  type World,
} from '../kernel/index.ts'
import { type CapturedMail, createCapturedMailer, listCaptured } from '../mail/index.ts'
import type { Application } from '../module/index.ts'
import type { Instance } from '../runtime/index.ts'
import { createMemorySink } from '../telemetry/index.ts'
import type { HostParts, TestHost } from './host.ts'
import type { Kill } from './kill-plan.ts'
import { chooseRunner, type TestRunner } from './runner.ts'
import { openSingleHost } from './single-host.ts'
import type { TestApplicationOptions } from './test-application-options.ts'
import { createFromTemplate, dropDatabase } from './template.ts'
import { TestServer } from './test-server.ts'

/** An application under test, on a database of its own. */
export interface TestApplication extends AsyncDisposable {
  readonly runner: TestRunner
  /** The instance that takes callers: the only one, or the `edge`, which hosts no module. */
  readonly instance: Instance
  /** Instances killed so far; none unless under `split-kill`. */
  readonly kills: readonly Kill[]
  readonly world: World
  readonly tokens: Tokens
  /** Address of the listener. @throws when `http` was not asked for */
  readonly url: string
  /** Lines that all instances have logged so far, parsed, in the order of their times. */
  readonly logs: readonly Record<string, unknown>[]
  /** The database's server as its owner, for looking at rows behind the modules' backs. */
  readonly server: DatabaseServer
  /** Calls as a caller from outside, access rules included. Anonymous unless given. */
  as(principal?: Principal): ExternalCaller
  /** Calls as the operator: access rules do not apply, so that internal operations can be tested. */
  readonly operator: ExternalCaller
  /** An access token for `principal`, valid for an hour. */
  tokenFor(principal: Principal): string
  /** Runs `checkout.schedules.recover` now; again on another instance if the one that ran it is
   *  killed meanwhile. */
  runSchedule(id: string): Promise<void>
  /** The mails that were sent so far, newest first; none when the test gave a mailer of its own. */
  mails(): Promise<readonly CapturedMail[]>
  /** Resolves when no message is ready, running or on its way; those that wait for their time do not
   *  count. @throws after `deadlineMs`, 10 s unless given */
  messagesSettled(deadlineMs?: number): Promise<void>
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
    const files = options.files ?? (await openFiles(stack, world))
    const mailFolder = await createMailFolder(stack)
    const captured = { folder: mailFolder, clock: world.clock, keepMax: 100_000 }
    const mailer = options.mailer ?? stack.use(createCapturedMailer(captured))
    const parts = { application, options, world, tokens, server, files, mailer, sink }
    const runner = chooseRunner(options.runner)
    const host = stack.use(await openHost(parts, runner))
    return new RunningTest({ ...parts, runner, host, stack, mailFolder })
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}

async function createMailFolder(stack: AsyncDisposableStack): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'banyan-test-mails-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  return folder
}

async function openHost(parts: HostParts, runner: TestRunner): Promise<TestHost> {
  if (runner === 'inline' || runner === 'wire') return openSingleHost(parts, runner)
  const { openSplitHost } = await import('./split-host.ts')
  return openSplitHost(parts, runner)
}

async function openFiles(stack: AsyncDisposableStack, world: World): Promise<FileStore> {
  const folder = await mkdtemp(path.join(tmpdir(), 'banyan-test-files-'))
  stack.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }))
  return createLocalFileStore({ folder, world })
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

interface RunningParts extends HostParts {
  readonly runner: TestRunner
  readonly host: TestHost
  readonly sink: HostParts['sink'] & { readonly lines: readonly string[] }
  readonly stack: AsyncDisposableStack
  readonly mailFolder: string
}

class RunningTest implements TestApplication {
  readonly runner: TestRunner
  readonly instance: Instance
  readonly kills: readonly Kill[]
  readonly world: World
  readonly tokens: Tokens
  readonly operator: ExternalCaller
  readonly #parts: RunningParts

  constructor(parts: RunningParts) {
    const { runner, host, world, tokens } = parts
    this.runner = runner
    this.instance = host.edge
    this.kills = host.kills
    this.world = world
    this.tokens = tokens
    this.#parts = parts
    this.operator = createExternalCaller(host.edge.calls, { bypassAccess: true })
  }

  get url(): string {
    const { http } = this.instance
    if (http === undefined)
      throw new Error('this test application was started without { http: true }')
    return http.url
  }

  get logs(): readonly Record<string, unknown>[] {
    const { host, sink } = this.#parts
    host.flushLogs()
    return sink.lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .sort((a, b) => Number(a['time']) - Number(b['time']))
  }

  get server(): DatabaseServer {
    const { server } = this.#parts
    if (server === undefined) throw new Error('this application has no tables')
    return server
  }

  as(principal: Principal = anonymous): ExternalCaller {
    return createExternalCaller(this.instance.calls, { principal })
  }

  tokenFor(principal: Principal): string {
    return this.tokens.issue(principal, 3_600_000)
  }

  mails(): Promise<readonly CapturedMail[]> {
    return listCaptured(this.#parts.mailFolder, { limit: 100_000 })
  }

  async messagesSettled(deadlineMs: number = 10_000): Promise<void> {
    const clock = createSystemClock()
    const endMs = clock.monotonicMs() + deadlineMs
    // what one instance has carried, another may still have to do: until all say so twice
    for (let quiet = 0; quiet < 2; quiet++) {
      for (const messages of this.#parts.host.messages()) {
        await messages.idle(Math.max(1, endMs - clock.monotonicMs()))
      }
    }
  }

  runSchedule(id: string): Promise<void> {
    return this.#parts.host.runSchedule(id)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#parts.stack.disposeAsync()
  }
}

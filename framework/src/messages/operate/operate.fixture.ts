import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import * as z from 'zod'
import { contract, event } from '../../contract/index.ts'
import { type Database, openDatabase, tables } from '../../data/index.ts'
import { createWorld, Deadlines, type World } from '../../kernel/index.ts'
import {
  type EnqueueOptions,
  type Job,
  job,
  type Module,
  module,
  on,
  perform,
} from '../../module/index.ts'
import { createMemorySink, createTelemetry, type Telemetry } from '../../telemetry/index.ts'
import { TestServer } from '../../testing/index.ts'
import { insertJobs, MessageWriter } from '../message-writer.ts'
import { PlatformContexts } from '../platform-context.ts'
import { MessageOperator } from './message-operator.ts'

export const orders = contract('orders', {
  operations: {},
  events: {
    paid: event({
      version: 2,
      payload: z.object({ orderId: z.string() }),
      key: ({ orderId }) => orderId,
    }),
  },
})
const letters = contract('letters', { operations: {} })
const parcels = contract('parcels', { operations: {} })

/** Has a key and limits. */
export const send: Job = job('send', {
  input: z.object({ to: z.string() }),
  key: ({ to }) => to,
  concurrencyMax: 4,
  rate: { count: 10, perMs: 1_000 },
}) as Job
/** Has a unique text. */
export const digest: Job = job('digest', {
  input: z.object({ day: z.string() }),
  unique: ({ day }) => day,
}) as Job

const trace = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), isSampled: false }

/** Two modules with messages on a database of their own. */
export class OperatedSystem implements AsyncDisposable {
  readonly operator: MessageOperator
  readonly database: Database
  readonly world: World
  readonly telemetry: Telemetry
  /** Of its log. */
  readonly lines: readonly string[]
  readonly modules: readonly Module[]
  readonly #contexts: PlatformContexts
  readonly #writer: MessageWriter
  readonly #stack: AsyncDisposableStack

  private constructor(
    parts: {
      readonly database: Database
      readonly world: World
      readonly telemetry: Telemetry
      readonly lines: readonly string[]
      readonly modules: readonly Module[]
    },
    stack: AsyncDisposableStack,
  ) {
    const { database, world, telemetry, lines, modules } = parts
    this.database = database
    this.world = world
    this.telemetry = telemetry
    this.lines = lines
    this.modules = modules
    this.#stack = stack
    this.#contexts = new PlatformContexts(world, new Deadlines(world.clock))
    this.operator = new MessageOperator({ modules, database, world })
    const [lettersModule] = modules
    if (lettersModule === undefined) throw new Error('no module')
    this.#writer = new MessageWriter({
      module: lettersModule,
      clock: world.clock,
      ids: world.ids,
      carriesJobs: false,
      wake: () => {},
    })
  }

  static async open(): Promise<OperatedSystem> {
    const stack = new AsyncDisposableStack()
    const folder = mkdtempSync(path.join(tmpdir(), 'banyan-operate-'))
    stack.defer(() => rmSync(folder, { recursive: true, force: true }))
    writeFileSync(path.join(folder, '0001-note.sql'), 'create table note (id text primary key);\n')
    const modules = modulesOf(pathToFileURL(`${folder}/`))
    const shared = await TestServer.acquire()
    stack.defer(() => shared.release())
    const name = shared.nextName()
    const owner = await shared.server.connect()
    const asOwner = (text: string): Promise<void> =>
      new Promise((resolve, reject) => {
        const settle = { succeed: () => resolve(), fail: reject }
        owner.send({ text, name: undefined, isScript: false, values: [], ...settle })
      })
    await asOwner(`create database "${name}"`)
    stack.defer(async () => {
      await asOwner(`drop database "${name}" with (force)`)
      await owner.close()
    })
    const world = createWorld()
    const { clock, random } = world
    const sink = createMemorySink()
    const telemetry = createTelemetry({ clock, random, service: 'test', sink })
    const database = await openDatabase({
      server: shared.server.withDatabase(name),
      modules: modules.flatMap(({ contract: { name: module }, tables: own }) =>
        own === undefined ? [] : [{ name: module, migrations: own.migrations }],
      ),
      streams: { messages: new URL('../sql/', import.meta.url) },
      world,
      telemetry,
    })
    stack.defer(() => database.close())
    return new OperatedSystem({ database, world, telemetry, lines: sink.lines, modules }, stack)
  }

  /** Enqueues jobs of `letters` as a transaction does. @returns their ids */
  async enqueue(
    declared: Job,
    inputs: readonly unknown[],
    options: EnqueueOptions = {},
  ): Promise<readonly string[]> {
    const messages = inputs.map((input) => this.#writer.jobOf(declared, input, options, trace))
    const { text, values } = insertJobs(messages)
    await this.ask(text, values)
    return messages.map(({ id }) => id)
  }

  /** A statement as the writer of `letters`, or of another module. */
  async ask(
    text: string,
    values: readonly unknown[] = [],
    module: string = 'letters',
  ): Promise<Record<string, unknown>[]> {
    const { rows } = await this.database
      .of(module)
      .withRunner(this.#contexts.create(10_000), (runner) => runner.run(text, values))
    return rows
  }

  /** The state of each message, by its number in `banyan_message`, in their order. */
  async states(module: string = 'letters'): Promise<readonly number[]> {
    const rows = await this.ask('select state from banyan_message order by position', [], module)
    return rows.map((row) => Number(row['state']))
  }

  /** Parks everything, as a worker does after the last attempt. */
  async parkAll(): Promise<void> {
    await this.ask(
      `update banyan_message set state = 5, attempts = 12, deaths = 2, ended_at = clock_timestamp(),
        problem = '{"code":"SMTP_DOWN","message":"no answer","stack":"at send"}'`,
    )
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync()
  }
}

function modulesOf(migrations: URL): readonly Module[] {
  const nothing = async (): Promise<void> => {}
  return [
    module(letters, {
      tables: tables(migrations),
      handlers: {},
      jobs: [perform(send, nothing), perform(digest, nothing)],
      on: [on(orders.events.paid, nothing)],
    }),
    module(parcels, {
      tables: tables(migrations),
      handlers: {},
      on: [on(orders.events.paid, nothing)],
    }),
    module(orders, { handlers: {} }),
  ]
}

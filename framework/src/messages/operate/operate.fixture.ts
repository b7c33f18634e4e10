import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import * as z from 'zod'
import { contract, event } from '../../contract/index.ts'
import { type Database, type DatabaseServer, openDatabase, tables } from '../../data/index.ts'
import { createWorld, Deadlines, type World } from '../../kernel/index.ts'
import { type EnqueueOptions, type Job, job, type Module, module } from '../../module/index.ts'
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

/** What the tests of one file share. */
interface Shared {
  readonly database: Database
  readonly modules: readonly Module[]
  reset(): Promise<void>
  close(): Promise<void>
}

let shared: Promise<Shared> | undefined

/** Two modules with messages on a real database. */
export class OperatedSystem {
  readonly operator: MessageOperator
  readonly database: Database
  readonly modules: readonly Module[]
  readonly world: World = createWorld()
  readonly telemetry: Telemetry
  /** Of its log. */
  readonly lines: readonly string[]
  readonly #contexts: PlatformContexts
  readonly #writer: MessageWriter

  private constructor({ database, modules }: Shared) {
    const { world } = this
    const { clock, random, ids } = world
    const sink = createMemorySink()
    this.lines = sink.lines
    this.telemetry = createTelemetry({ clock, random, service: 'test', sink })
    this.database = database
    this.modules = modules
    this.#contexts = new PlatformContexts(world, new Deadlines(clock))
    this.operator = new MessageOperator({ modules, database, world })
    const [module] = modules
    if (module === undefined) throw new Error('no module')
    this.#writer = new MessageWriter({ module, clock, ids, carriesJobs: false, wake: () => {} })
  }

  /** An empty system, on the one database of a test file. */
  static async open(): Promise<OperatedSystem> {
    shared ??= openShared()
    const parts = await shared
    await parts.reset()
    return new OperatedSystem(parts)
  }

  /** Drops the database, after the tests of a file. */
  static async close(): Promise<void> {
    await (await shared)?.close()
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
}

async function openShared(): Promise<Shared> {
  const stack = new AsyncDisposableStack()
  const folder = mkdtempSync(path.join(tmpdir(), 'banyan-operate-'))
  stack.defer(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(path.join(folder, '0001-note.sql'), 'create table note (id text primary key);\n')
  const modules = modulesOf(pathToFileURL(`${folder}/`))
  const tests = await TestServer.acquire()
  stack.defer(() => tests.release())
  const name = tests.nextName()
  const server = tests.server.withDatabase(name)
  await asOwner(tests.server, `create database "${name}"`)
  stack.defer(() => asOwner(tests.server, `drop database "${name}" with (force)`))
  const world = createWorld()
  const { clock, random } = world
  const database = await openDatabase({
    server,
    modules: modules.flatMap(({ contract: { name: module }, tables: own }) =>
      own === undefined ? [] : [{ name: module, migrations: own.migrations }],
    ),
    streams: { messages: new URL('../sql/', import.meta.url) },
    world,
    telemetry: createTelemetry({ clock, random, service: 'test', sink: createMemorySink() }),
  })
  stack.defer(() => database.close())
  const emptied = ['letters', 'parcels'].flatMap((schema) =>
    ['message', 'outbox', 'queue', 'step', 'wait'].map((table) => `${schema}.banyan_${table}`),
  )
  return {
    database,
    modules,
    reset: () => asOwner(server, `truncate ${emptied.join(', ')} restart identity`),
    close: () => stack.disposeAsync(),
  }
}

/** One statement as the role that owns the databases. */
async function asOwner(server: DatabaseServer, text: string): Promise<void> {
  const connection = await server.connect()
  try {
    await new Promise<void>((resolve, reject) => {
      const settle = { succeed: () => resolve(), fail: reject }
      connection.send({ text, name: undefined, isScript: false, values: [], ...settle })
    })
  } finally {
    await connection.close()
  }
}

function modulesOf(migrations: URL): readonly Module[] {
  const nothing = async (): Promise<void> => {}
  return [
    module(letters, {
      tables: tables(migrations),
      handlers: {},
      messages: ({ perform, on }) => [
        perform(send, nothing),
        perform(digest, nothing),
        on(orders.events.paid, nothing),
      ],
    }),
    module(parcels, {
      tables: tables(migrations),
      handlers: {},
      messages: ({ on }) => [on(orders.events.paid, nothing)],
    }),
    module(orders, { handlers: {} }),
  ]
}

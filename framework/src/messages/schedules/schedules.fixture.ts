import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import { contract } from '../../contract/index.ts'
import { type Database, type DatabaseServer, openDatabase } from '../../data/index.ts'
import { createWorld, type World } from '../../kernel/index.ts'
import { type CronOptions, cron, job, type Module, module, perform } from '../../module/index.ts'
import { createMemorySink, createTelemetry, type Telemetry } from '../../telemetry/index.ts'
import { TestServer } from '../../testing/index.ts'
import { type CronRunner, type CronRunnerOptions, createCronRunner } from './cron-runner.ts'

/** What the jobs of these tests are given: who fired, and at which tick. */
export const noteTick = job('noteTick', {
  input: z.object({ cron: z.string(), at: z.string(), day: z.string(), time: z.string() }),
})

export type CronTable = Readonly<
  Record<string, { readonly expression: string } & Partial<CronOptions<(typeof noteTick)['input']>>>
>

const books = contract('books', { operations: {} })

/** A module with these cron schedules; each tick adds a job that names it. */
export function booksModule(
  table: CronTable,
  migrations: URL,
  perceive: (told: { readonly cron: string; readonly at: string }) => void = () => {},
): Module {
  const crons = Object.entries(table).map(([name, { expression, ...options }]) => {
    const declared = cron(expression, {
      enqueue: noteTick,
      input: ({ at, day, time }) => ({ cron: name, at: at.toISOString(), day, time }),
      ...options,
    })
    return [name, declared] as const
  })
  return module(books, {
    tables: { migrations },
    handlers: {},
    jobs: [perform(noteTick, async (told) => perceive(told))],
    crons: Object.fromEntries(crons),
  })
}

/** One process's view of a database with the module's tables. */
export class Library implements AsyncDisposable {
  readonly server: DatabaseServer
  readonly world: World
  readonly database: Database
  readonly telemetry: Telemetry
  readonly lines: readonly string[]
  readonly migrations: URL
  readonly #runners: CronRunner[] = []

  private constructor(
    server: DatabaseServer,
    migrations: URL,
    parts: {
      readonly world: World
      readonly database: Database
      readonly telemetry: Telemetry
      readonly lines: readonly string[]
    },
  ) {
    this.server = server
    this.migrations = migrations
    this.world = parts.world
    this.database = parts.database
    this.telemetry = parts.telemetry
    this.lines = parts.lines
  }

  static async open(
    server: DatabaseServer,
    migrations: URL,
    world: World = createWorld(),
  ): Promise<Library> {
    const { clock, random } = world
    const sink = createMemorySink()
    const telemetry = createTelemetry({ clock, random, service: 'library', sink })
    const database = await openDatabase({
      ...{ server, world, telemetry },
      modules: [{ name: 'books', migrations }],
      streams: { messages: new URL('../sql/', import.meta.url) },
    })
    return new Library(server, migrations, { world, database, telemetry, lines: sink.lines })
  }

  runner(table: CronTable, options: Partial<CronRunnerOptions> = {}): CronRunner {
    const { database, world, telemetry } = this
    const modules = [booksModule(table, this.migrations)]
    const made = createCronRunner({
      ...{ modules, database, world, telemetry, wake: () => {} },
      ...options,
    })
    this.#runners.push(made)
    return made
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#runners.map((runner) => runner.stop()))
    await this.database.close()
  }
}

/** A database of its own, and what the test does to it as its owner. */
export class Shelf implements AsyncDisposable {
  readonly server: DatabaseServer
  readonly url: string
  readonly migrations: URL
  readonly #shared: TestServer
  readonly #folder: string
  readonly #connection: Awaited<ReturnType<DatabaseServer['connect']>>

  private constructor(
    shared: TestServer,
    name: string,
    parts: {
      readonly folder: string
      readonly connection: Awaited<ReturnType<DatabaseServer['connect']>>
    },
  ) {
    this.#shared = shared
    this.server = shared.server.withDatabase(name)
    this.url = shared.urlOf(name)
    this.#folder = parts.folder
    this.migrations = pathToFileURL(`${parts.folder}/`)
    this.#connection = parts.connection
  }

  static async open(): Promise<Shelf> {
    const shared = await TestServer.acquire()
    const name = shared.nextName()
    const folder = await mkdtemp(join(tmpdir(), 'banyan-schedules-'))
    await writeFile(
      join(folder, '0001-create-book.sql'),
      'create table book (id text primary key);',
    )
    const root = await shared.server.connect()
    await send(root, `drop database if exists "${name}"`)
    await send(root, `create database "${name}" strategy file_copy`)
    await root.close()
    const connection = await shared.server.withDatabase(name).connect()
    return new Shelf(shared, name, { folder, connection })
  }

  /** A statement as the owner of the database. */
  ask(text: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
    return send(this.#connection, text, values)
  }

  /** What the cron's jobs were told, in order. */
  async told(name: string): Promise<readonly string[]> {
    const rows = await this.ask(
      `select payload::jsonb ->> 'at' as at from books.banyan_message
       where payload::jsonb ->> 'cron' = $1 order by 1, position`,
      [name],
    )
    return rows.map(({ at }) => String(at))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection.close()
    const root = await this.#shared.server.connect()
    await send(root, `drop database if exists "${this.server.database}" with (force)`)
    await root.close()
    await rm(this.#folder, { recursive: true, force: true })
    await this.#shared.release()
  }
}

/** One statement on a plain connection. */
export function send(
  connection: Awaited<ReturnType<DatabaseServer['connect']>>,
  text: string,
  values: readonly unknown[] = [],
): Promise<Record<string, unknown>[]> {
  return new Promise((resolve, reject) => {
    connection.send({
      ...{ text, name: undefined, isScript: false, values },
      succeed: ({ rows }) => resolve(rows),
      fail: ({ message }) => reject(new Error(`${text}: ${message}`)),
    })
  })
}

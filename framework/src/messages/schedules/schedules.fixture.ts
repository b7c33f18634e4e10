import { z } from 'zod'
import { contract } from '../../contract/index.ts'
import { type Database, type DatabaseServer, openDatabase } from '../../data/index.ts'
import { createWorld, type World } from '../../kernel/index.ts'
import { type CronOptions, cron, job, type Module, module } from '../../module/index.ts'
import { createMemorySink, createTelemetry, type Telemetry } from '../../telemetry/index.ts'
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
    messages: ({ perform }) => [perform(noteTick, async (told) => perceive(told))],
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

/** The moment in one column of the first row. */
export function momentIn(rows: readonly Record<string, unknown>[], column: string): Date {
  const value = rows[0]?.[column]
  if (value instanceof Date) return value
  throw new TypeError(`${column} is no moment`)
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

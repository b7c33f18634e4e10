import { after } from 'node:test'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createPostgresServer } from '../engines/postgres/client/index.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../engines/postgres/embedded/index.ts'
import {
  Context,
  createSystemClock,
  createWorld,
  Deadlines,
  system,
  type World,
} from '../kernel/index.ts'
import { createMemorySink, createTelemetry, type Telemetry } from '../telemetry/index.ts'
import { ask, runScript } from './ask.ts'
import type { Database, DatabaseLimits, ModuleDatabase } from './database.ts'
import { createDatabaseFromTemplate } from './create-database.ts'
import { openDatabase } from './open-database.ts'
import type { Connection, DatabaseServer, StatementResult } from './port.ts'
import type { TableReader, TableWriter } from './tables.ts'

/** Tables of the fixture's modules `stock` and `ledger`. */
export interface Rows {
  item: { sku: string; available: number }
  sale: { id: string; sku: string; quantity: number }
  entry: { id: string; amount: bigint }
}

export const stockFiles: Record<string, string> = {
  '0001-create-item.sql': `
create table item (sku text primary key, available integer not null constraint item_available check (available >= 0));
create table sale (id text primary key, sku text not null references item (sku) deferrable, quantity integer not null);
insert into item values ('lamp', 10), ('chair', 1000);`,
}
export const ledgerFiles: Record<string, string> = {
  '0001-create-entry.sql': 'create table entry (id text primary key, amount bigint not null);',
}

let names = 0

/** One real server per test file, and databases on it. */
export class TestServer {
  readonly folder: string
  embedded: EmbeddedPostgres
  server: DatabaseServer
  #hasTemplate: Promise<unknown> | undefined

  private constructor(folder: string, embedded: EmbeddedPostgres) {
    this.folder = folder
    this.embedded = embedded
    this.server = createPostgresServer({ url: embedded.url })
  }

  /** Starts it, and stops it after the tests of the calling file. */
  static async start(): Promise<TestServer> {
    const folder = await mkdtemp(join(tmpdir(), 'banyan-data-'))
    const clock = createSystemClock()
    const embedded = await startEmbeddedPostgres({
      folder: join(folder, 'pg'),
      clock,
      durability: 'test',
    })
    const started = new TestServer(folder, embedded)
    after(async () => {
      await started.embedded.stop()
      await rm(folder, { recursive: true, force: true })
    })
    return started
  }

  async restart(): Promise<void> {
    const folder = join(this.folder, 'pg')
    this.embedded = await startEmbeddedPostgres({
      folder,
      clock: createSystemClock(),
      durability: 'test',
    })
  }

  /** A folder of migrations with these files. */
  async folderOf(files: Record<string, string>): Promise<URL> {
    const folder = join(this.folder, `sql-${++names}`)
    await mkdir(folder)
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
    return pathToFileURL(`${folder}/`)
  }

  async modules(
    files: Record<string, Record<string, string>> = { stock: stockFiles, ledger: ledgerFiles },
  ): Promise<{ name: string; migrations: URL }[]> {
    const all = Object.entries(files)
    return Promise.all(
      all.map(async ([name, own]) => ({ name, migrations: await this.folderOf(own) })),
    )
  }

  /** An empty database of its own. */
  async empty(): Promise<DatabaseServer> {
    const name = `empty_${++names}`
    await this.asOwner(`create database ${name}`)
    return this.server.withDatabase(name)
  }

  /** A database of its own with the fixture's modules, copied from a template. */
  async open(options: { limits?: DatabaseLimits; world?: World } = {}): Promise<Fixture> {
    const modules = await this.modules()
    this.#hasTemplate ??= this.#makeTemplate(modules)
    await this.#hasTemplate
    const server = await createDatabaseFromTemplate(this.server, 'shape', `test_${++names}`)
    return Fixture.open(server, modules, options)
  }

  async asOwner(script: string, server: DatabaseServer = this.server): Promise<StatementResult> {
    const connection = await server.connect()
    try {
      return await runScript(connection, script)
    } finally {
      await connection.close()
    }
  }

  async #makeTemplate(modules: { name: string; migrations: URL }[]): Promise<void> {
    await this.asOwner('create database shape')
    const server = this.server.withDatabase('shape')
    const fixture = await Fixture.open(server, modules, {})
    await fixture[Symbol.asyncDispose]()
  }
}

/** An open database with everything around it. */
export class Fixture implements AsyncDisposable {
  readonly server: DatabaseServer
  readonly world: World
  readonly telemetry: Telemetry
  readonly database: Database
  readonly deadlines: Deadlines
  #owner: Connection | undefined

  private constructor(
    server: DatabaseServer,
    world: World,
    telemetry: Telemetry,
    database: Database,
  ) {
    this.server = server
    this.world = world
    this.telemetry = telemetry
    this.database = database
    this.deadlines = new Deadlines(world.clock)
  }

  static async open(
    server: DatabaseServer,
    modules: { name: string; migrations: URL }[],
    options: { limits?: DatabaseLimits; world?: World },
  ): Promise<Fixture> {
    const world = options.world ?? createWorld()
    const telemetry = createTestTelemetry(world)
    const limits = options.limits ?? {}
    const database = await openDatabase({ server, modules, world, telemetry, limits })
    return new Fixture(server, world, telemetry, database)
  }

  get stock(): ModuleDatabase {
    return this.database.of('stock')
  }

  context(timeoutMs: number = 20_000): Context {
    const { world, deadlines } = this
    return new Context({
      world,
      deadlines,
      deadlineMs: world.clock.monotonicMs() + timeoutMs,
      principal: system,
      trace: { traceId: '1'.repeat(32), spanId: '2'.repeat(16), isSampled: true },
      idempotencyKey: undefined,
      criticality: 'default',
      token: undefined,
    })
  }

  reader(context: Context = this.context()): TableReader<Rows> {
    return this.stock.reader(context) as TableReader<Rows>
  }

  /** A transaction of the module `stock` with typed tables. */
  transact<Result>(
    work: (tx: TableWriter<Rows>) => Promise<Result>,
    options: {
      context?: Context
      isolation?: 'read committed' | 'repeatable read' | 'serializable'
      claim?: Parameters<ModuleDatabase['transaction']>[2]['claim']
    } = {},
  ): Promise<Result> {
    const { context = this.context(), claim, isolation } = options
    return this.stock.transaction(context, (tx) => work(tx as TableWriter<Rows>), {
      claim,
      ...(isolation === undefined ? {} : { isolation }),
    })
  }

  /** A statement as the owner of the database: sees everything. */
  async asOwner(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
    if (this.#owner?.isOpen !== true) this.#owner = await this.server.connect()
    const { rows } = await ask(this.#owner, text, values)
    return rows
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owner?.close()
    await this.database.close()
  }
}

export function createTestTelemetry(world: World): Telemetry {
  const { clock, random } = world
  return createTelemetry({ clock, random, service: 'test', sink: createMemorySink() })
}

/** The coded error that `work` ends with. */
export async function failureOf(
  work: Promise<unknown>,
): Promise<{ code: string; message: string }> {
  try {
    await work
  } catch (error) {
    return error as { code: string; message: string }
  }
  throw new Error('it did not fail')
}

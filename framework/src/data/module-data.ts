import type { Context, World } from '../kernel/index.ts'
import type {
  ModuleDatabase,
  ModuleTransactionOptions,
  Statement,
  TransactionCompanion,
} from './database.ts'
import { createTableReader, createTableWriter, type StatementRunner } from './kysely-executor.ts'
import type { Limits } from './limits.ts'
import type { Connection, DatabaseServer, StatementResult } from './port.ts'
import { loginOf } from './prepare.ts'
import type { WantedModule } from './provision.ts'
import { ReadPool } from './read-pool.ts'
import { ReadStatement } from './read-statement.ts'
import { StatementRecorder } from './statement-recorder.ts'
import { StatementScope } from './statement-scope.ts'
import type { TableReader, TableWriter } from './tables.ts'
import type { DataTelemetry } from './telemetry.ts'
import { TransactionPool } from './transaction-pool.ts'
import { TransactionRun } from './transaction.ts'

export interface ModuleDataOptions {
  readonly module: WantedModule
  readonly server: DatabaseServer
  readonly world: World
  readonly telemetry: DataTelemetry
  readonly limits: Limits
}

const platformConnectionsMax = 2

/** The connections of one module and what runs on them. */
export class ModuleData implements ModuleDatabase {
  readonly #name: string
  readonly #world: World
  readonly #recorder: StatementRecorder
  readonly #reads: ReadPool
  readonly #transactions: TransactionPool
  /** Of the platform's own work, so that neither waits for the other. */
  readonly #platform: TransactionPool

  constructor(options: ModuleDataOptions) {
    const { module, server, world, telemetry, limits } = options
    this.#name = module.module
    this.#world = world
    const { clock } = world
    this.#recorder = new StatementRecorder(this.#name, telemetry, clock, server.statementNames)
    const place = { module: this.#name, address: server.address, clock, limits }
    const openAs = (kind: 'reader' | 'writer') => (): Promise<Connection> =>
      server.connect(loginOf(module, kind))
    this.#reads = new ReadPool({ ...place, open: openAs('reader') })
    this.#transactions = new TransactionPool({ ...place, open: openAs('writer') })
    const few = { ...limits, transactionsMax: platformConnectionsMax }
    this.#platform = new TransactionPool({ ...place, limits: few, open: openAs('writer') })
    this.#measure(telemetry)
  }

  reader(context: Context): TableReader<unknown> {
    return createTableReader({ run: (text, values) => this.read(context, text, values) })
  }

  transaction<Result>(
    context: Context,
    work: (tx: TableWriter<unknown>) => Promise<Result>,
    options: ModuleTransactionOptions,
  ): Promise<Result> {
    return this.#transact(
      context,
      (runner, companion) => work(createTableWriter(runner, companion?.handle)),
      options,
    )
  }

  /** One transaction over plain statements. */
  withRunner<Result>(
    context: Context,
    work: (runner: StatementRunner) => Promise<Result>,
  ): Promise<Result> {
    return this.#transact(context, work, { claim: undefined }, this.#platform)
  }

  /** One transaction over statements that are known beforehand. */
  async runAll(
    context: Context,
    statements: readonly Statement[],
  ): Promise<readonly StatementResult[]> {
    let answers: readonly StatementResult[] = []
    const companion = (): TransactionCompanion => ({
      handle: {},
      closing: () => statements,
      committed: (given) => {
        answers = given
      },
    })
    await this.#transact(context, async () => {}, { claim: undefined, companion }, this.#platform)
    return answers
  }

  /** One read-only statement. */
  async read(context: Context, text: string, values: readonly unknown[]): Promise<StatementResult> {
    StatementScope.assertAlive(context, this.#name)
    const shape = this.#recorder.catalog.shapeOf(text)
    const recorded = this.#recorder.start(shape, context.trace)
    const statement = new ReadStatement({ pool: this.#reads, context, shape, values, recorded })
    this.#reads.submit(statement)
    return statement.result
  }

  closeIdle(): void {
    this.#reads.closeIdle()
    this.#transactions.closeIdle()
    this.#platform.closeIdle()
  }

  async drain(): Promise<void> {
    await Promise.all([this.#reads.drain(), this.#transactions.drain(), this.#platform.drain()])
  }

  destroy(): void {
    this.#reads.destroy()
    this.#transactions.destroy()
    this.#platform.destroy()
  }

  #transact<Result>(
    context: Context,
    work: (runner: StatementRunner, companion?: TransactionCompanion) => Promise<Result>,
    options: ModuleTransactionOptions,
    pool: TransactionPool = this.#transactions,
  ): Promise<Result> {
    return new TransactionRun({
      pool,
      recorder: this.#recorder,
      world: this.#world,
      context,
      work,
      options,
    }).execute()
  }

  #measure({ metrics }: DataTelemetry): void {
    const module = this.#name
    for (const [pool, source] of [
      ['read', this.#reads],
      ['transaction', this.#transactions],
      ['platform', this.#platform],
    ] as const) {
      const labels = { module, pool }
      metrics.gauge('banyan_sql_connections', 'Open connections.', labels, () => source.connections)
      metrics.gauge('banyan_sql_waiting', 'Waiting for a connection.', labels, () => source.waiting)
    }
  }
}

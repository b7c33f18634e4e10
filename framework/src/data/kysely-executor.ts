import {
  type CompiledQuery,
  type ConnectionProvider,
  type DatabaseConnection,
  DefaultQueryExecutor,
  type Dialect,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
  Transaction,
} from 'kysely'
import { dataHandleUnsupported } from './errors.ts'
import type { StatementResult } from './port.ts'
import type { TableReader, TableWriter } from './tables.ts'

/** Runs one compiled statement somewhere. */
export interface StatementRunner {
  run(text: string, values: readonly unknown[]): Promise<StatementResult>
}

const compiler = new PostgresQueryCompiler()
const adapter = new PostgresAdapter()
const counting: ReadonlySet<string> = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE'])

/** Kysely's executor without its connection handling: a statement goes straight to the runner. */
class StatementExecutor extends DefaultQueryExecutor {
  readonly #runner: StatementRunner

  constructor(runner: StatementRunner) {
    super(compiler, adapter, providerOf(runner))
    this.#runner = runner
  }

  override executeQuery<R>(
    query: CompiledQuery,
    options?: Parameters<DefaultQueryExecutor['executeQuery']>[1],
  ): Promise<QueryResult<R>> {
    if (options?.signal !== undefined) return super.executeQuery(query, options)
    return execute(this.#runner, query)
  }
}

/** A handle without any method that writes or opens a transaction, as its type says. */
export function createTableReader(runner: StatementRunner): TableReader<unknown> {
  const handle: unknown = new Kysely<unknown>(propsOf(runner))
  return handle as TableReader<unknown>
}

/** A handle bound to one transaction; `methods` are added to it. */
export function createTableWriter(
  runner: StatementRunner,
  methods: object = {},
): TableWriter<unknown> {
  return Object.assign(new Transaction<unknown>(propsOf(runner)), methods)
}

async function execute<R>(runner: StatementRunner, query: CompiledQuery): Promise<QueryResult<R>> {
  const { command, rowCount, rows } = await runner.run(query.sql, query.parameters)
  if (!counting.has(command)) return { rows: rows as R[] }
  return { rows: rows as R[], numAffectedRows: BigInt(rowCount ?? 0) }
}

function propsOf(runner: StatementRunner): ConstructorParameters<typeof Transaction>[0] {
  return {
    config: { dialect },
    dialect,
    driver: refusingDriver,
    executor: new StatementExecutor(runner),
  }
}

/** The way of handles with plugins or an abort signal. */
function providerOf(runner: StatementRunner): ConnectionProvider {
  const connection: DatabaseConnection = {
    executeQuery: (query) => execute(runner, query),
    streamQuery: () =>
      refuse('streams', 'Read in pages: order by a key, where key > the last one.'),
  }
  return { provideConnection: (consumer) => consumer(connection) }
}

function refuse(feature: string, instead: string): never {
  throw dataHandleUnsupported({ feature, instead })
}

const refuseTransaction = (): never =>
  refuse('transaction(), startTransaction() and connection()', 'Use ctx.transaction in a command.')

const refusingDriver: Driver = {
  init: async () => {},
  acquireConnection: refuseTransaction,
  beginTransaction: refuseTransaction,
  commitTransaction: refuseTransaction,
  rollbackTransaction: refuseTransaction,
  releaseConnection: async () => {},
  destroy: async () => refuse('destroy()', 'The platform closes its connections.'),
}

const dialect: Dialect = {
  createAdapter: () => adapter,
  createDriver: () => refusingDriver,
  createQueryCompiler: () => compiler,
  createIntrospector: (db) => new PostgresIntrospector(db),
}

/**
 * Data: the rows of modules in PostgreSQL. `tables()` declares a module's tables; `openDatabase()`
 * gives every module a schema of its own, roles that can touch nothing else, its migrations, a
 * read-only handle on pipelined connections, and transactions that retry, obey deadlines and happen
 * once under an idempotency key. Not for caches, files or messages, and not for starting a server:
 * an engine behind `DatabaseServer` is handed in.
 */
export * from './boot-errors.ts'
export { createDatabaseFromTemplate, dropDatabase } from './create-database.ts'
export type {
  Database,
  DatabaseLimits,
  DatabaseOptions,
  IdempotencyClaim,
  Listening,
  ModuleDatabase,
  ModuleTransactionOptions,
  NotificationListener,
  Statement,
  TransactionCompanion,
} from './database.ts'
export * from './errors.ts'
export type { StatementRunner } from './kysely-executor.ts'
export { lintMigrations, type MigrationFinding } from './lint-migrations.ts'
export { type MigrationFile, readMigrations } from './migration-file.ts'
export { openDatabase } from './open-database.ts'
export type {
  Connection,
  DatabaseServer,
  Login,
  Problem,
  StatementResult,
  Submission,
} from './port.ts'
export { decodeRecord, encodeRecord } from './record.ts'
export { type TableReader, tables, type TableWriter } from './tables.ts'
export type { DataTelemetry } from './telemetry.ts'

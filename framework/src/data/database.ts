import type { Context, World } from '../kernel/index.ts'
import type { TransactionOptions } from '../module/index.ts'
import type { StatementRunner } from './kysely-executor.ts'
import type { DatabaseServer, StatementResult } from './port.ts'
import type { TableReader, TableWriter } from './tables.ts'
import type { DataTelemetry } from './telemetry.ts'

/** The identity of one command under an idempotency key. */
export interface IdempotencyClaim {
  /** Whose key it is (principal or tenant), at most 200 characters. */
  readonly scope: string
  /** `module.operation`, at most 200 characters. */
  readonly operation: string
  /** The caller's key, at most 255 characters. */
  readonly key: string
  /** Which transaction of the command, 0-based. */
  readonly step: number
  /** 32 bytes that stand for the command's input. */
  readonly fingerprint: Uint8Array
}

export interface ModuleTransactionOptions extends TransactionOptions {
  readonly claim: IdempotencyClaim | undefined
  /** Called once per attempt. */
  readonly companion?: () => TransactionCompanion
}

/** What another room adds to one attempt of a transaction. */
export interface TransactionCompanion {
  /** Methods that the writing handle carries beside Kysely's. */
  readonly handle: object
  /** Sends the first statements of the transaction; a claim is looked at without waiting for their
   *  answers. What it throws rolls back. */
  opened?(runner: StatementRunner): Promise<void>
  /** Statements sent in front of COMMIT without waiting for their answers; one that fails, fails the
   *  commit. */
  closing(): readonly Statement[]
  /** The commit was answered. Not called for a repetition that was answered from its record.
   *  @param answers  to the statements of `closing`, in their order */
  committed?(answers: readonly StatementResult[]): void
}

/** One statement and its values. */
export interface Statement {
  readonly text: string
  readonly values: readonly unknown[]
}

/** The data of one module, reached with that module's own roles. */
export interface ModuleDatabase {
  /** A read-only handle for one context: each statement ends with the context's deadline or
   *  cancellation and is traced as a child span. Cheap; needs no closing.
   *  @throws (per statement) DATA_UNAVAILABLE · DATA_POOL_EXHAUSTED · DATA_DEADLINE_EXCEEDED ·
   *  DATA_PERMISSION_DENIED · DATA_STATEMENT_FAILED
   *  Concurrency: statements of all callers share a few pipelined connections.
   *  Cost: 1 round trip per statement, shared with what else is on its way. */
  reader(context: Context): TableReader<unknown>

  /** Runs `work` in one transaction and commits; again from its start (at most 10 times, with
   *  growing random pauses) on serialization failures and deadlocks while the deadline allows.
   *  With a claim it happens once: a repetition returns the recorded result without running `work`.
   *  @throws DATA_UNAVAILABLE (nothing happened) · DATA_OUTCOME_UNKNOWN (it may have) ·
   *  DATA_DEADLINE_EXCEEDED · DATA_POOL_EXHAUSTED · DATA_TRANSACTION_CONTENDED ·
   *  DATA_CONSTRAINT_VIOLATED · DATA_IDEMPOTENCY_MISMATCH · DATA_IDEMPOTENCY_IN_FLIGHT · …
   *  Cost: BEGIN travels with the first statement; COMMIT is 1 round trip. */
  transaction<Result>(
    context: Context,
    work: (tx: TableWriter<unknown>) => Promise<Result>,
    options: ModuleTransactionOptions,
  ): Promise<Result>

  /** One transaction of the platform's own statements in the module's schema, as the module's writer,
   *  unclaimed, on at most two connections of their own; otherwise as `transaction`. */
  withRunner<Result>(
    context: Context,
    work: (runner: StatementRunner) => Promise<Result>,
  ): Promise<Result>

  /** Statements that do not depend on each other's answers, in one transaction of the platform; otherwise
   *  as `withRunner`. @returns their answers. Cost: 1 round trip, that of the commit. */
  runAll(context: Context, statements: readonly Statement[]): Promise<readonly StatementResult[]>
}

/** What is done about notifications. */
export interface NotificationListener {
  heard(payload: string): void
  /** From now on all is heard, or nothing is sure to be any more. */
  changed(isAlive: boolean): void
}

/** A channel that is listened to. Notifications are hints: some may be missed, so look now and then
 *  all the same. */
export interface Listening {
  /** Whether what is sent now is heard, as a notification of its own has shown within the last 20 s; false behind
   *  a pooler that hands sessions around. */
  readonly isAlive: boolean
  /** Idempotent. */
  close(): void
}

/** An open database: one schema, one set of roles and one set of connections per module. */
export interface Database extends AsyncDisposable {
  /** @throws DATA_MODULE_UNKNOWN (bug) when the module declared no tables. */
  of(module: string): ModuleDatabase
  /** Deletes expired idempotency rows of all modules, in batches of 1,000; the number deleted. */
  sweep(): Promise<number>
  /** One round trip. @throws DATA_UNAVAILABLE */
  ping(): Promise<void>
  /** Listens to a channel (NOTIFY) on a connection of its own, opened now and again whenever it is lost.
   *  @param channel  lower snake case, at most 40 characters */
  listen(channel: string, listener: NotificationListener): Listening
  /** Refuses new work, waits up to 10 s for what runs, closes every connection. Idempotent. */
  close(): Promise<void>
  /** Cuts every connection now, as when the process is killed: statements fail as lost, and what was
   *  not committed rolls back at the server. Idempotent. */
  destroy(): void
}

/** Bounds on connections and waiting; all have defaults. Per module and instance. */
export interface DatabaseLimits {
  /** Pipelined connections shared by all readers, 1..64; default 2. */
  readonly readConnectionsMax?: number
  /** Statements on their way per read connection, 1..10,000; default 256. */
  readonly readDepthMax?: number
  /** Transactions at once, 1..256; default 8. */
  readonly transactionsMax?: number
  /** Callers waiting for a connection, 1..100,000; default 1,000 for readers and for transactions. */
  readonly waitersMax?: number
  /** Longest wait for a connection; the context's deadline may end it earlier. 1..600,000; default 5,000. */
  readonly waitMsMax?: number
  /** A connection unused this long is closed, 50..3,600,000; default 30,000. */
  readonly idleMsMax?: number
}

export interface DatabaseOptions {
  readonly server: DatabaseServer
  /** Modules that declared tables. */
  readonly modules: readonly { readonly name: string; readonly migrations: URL }[]
  /** Tables that other rooms of the platform keep in every module's schema: folders of numbered `.sql`
   *  files by the name of their stream (not `platform`, `module`). */
  readonly streams?: Readonly<Record<string, URL>>
  readonly world: World
  readonly telemetry: DataTelemetry
  readonly limits?: DatabaseLimits
}

import type { Clock } from '../kernel/index.ts'
import { ask, inTransaction, isProblem, runScript } from './ask.ts'
import { dataMigrationFailed, dataMigrationIndexInvalid } from './boot-errors.ts'
import type { MigrationFile } from './migration-file.ts'
import type { Connection, ServerProblem } from './port.ts'
import { placeOf, splitSqlStatements } from './sql-token.ts'

/** A file that met a lock is tried again this often; between the tries everybody else may pass. */
const lockAttemptsMax = 5
const lockPauseMs = 200

const recordText = `
insert into banyan_migration (stream, number, file, checksum) values ($1, $2, $3, $4)`

export interface MigrationBatch {
  readonly stream: string
  readonly files: readonly MigrationFile[]
  readonly clock: Clock
}

/** Applies files in order as the owner of the module's tables, each in its own transaction together
 *  with the row that records it. Requires: the boot lock is held.
 *  @throws DATA_MIGRATION_FAILED · DATA_MIGRATION_INDEX_INVALID; rejects with a `Problem` when the
 *    connection is lost. */
export async function applyMigrations(
  connection: Connection,
  { stream, files, clock }: MigrationBatch,
): Promise<void> {
  for (const file of files) {
    const record = (): Promise<unknown> =>
      ask(connection, recordText, [stream, file.number, file.file, file.checksum])
    if (file.isTransactional) await applyPatiently(connection, file, record, clock)
    else await applyStepwise(connection, file, record)
    await runScript(connection, 'reset all')
  }
}

async function applyPatiently(
  connection: Connection,
  file: MigrationFile,
  record: () => Promise<unknown>,
  clock: Clock,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await inTransaction(connection, async () => {
        await record()
        await runScript(connection, file.text)
      })
    } catch (error) {
      if (!isServerProblem(error)) throw error
      if (error.sqlState !== '55P03' || attempt === lockAttemptsMax) throw failed(file, error, 0)
      await new Promise<void>((resolve) => clock.after(lockPauseMs * attempt, resolve))
    }
  }
}

/** Outside of a transaction each statement stands for itself, as CREATE INDEX CONCURRENTLY needs. */
async function applyStepwise(
  connection: Connection,
  file: MigrationFile,
  record: () => Promise<unknown>,
): Promise<void> {
  const statements = splitSqlStatements(file.text)
  await runScript(connection, 'set lock_timeout = 0')
  for (const [index, { offset }] of statements.entries()) {
    const text = file.text.slice(offset, statements[index + 1]?.offset)
    await runScript(connection, text).catch((error: unknown) => {
      throw isServerProblem(error) ? failed(file, error, offset) : error
    })
  }
  await assertIndexesValid(connection, file.file)
  await record()
}

async function assertIndexesValid(connection: Connection, file: string): Promise<void> {
  const { rows } = await ask(
    connection,
    `select c.relname as index from pg_index i join pg_class c on c.oid = i.indexrelid
     where not i.indisvalid and c.relnamespace = current_schema()::regnamespace
     order by 1 limit 1`,
  )
  const index = rows[0]?.['index']
  if (typeof index === 'string') throw dataMigrationIndexInvalid({ file, index })
}

function failed(file: MigrationFile, problem: ServerProblem, base: number): Error {
  const offset = base + (problem.position ?? 1) - 1
  const { line, column } = placeOf(file.text, offset)
  const place = problem.position === undefined && base === 0 ? '' : `:${line}:${column}`
  const reason = [problem.message, problem.detail, problem.hint].filter(Boolean).join('; ')
  return dataMigrationFailed(
    { place: `${file.file}${place}`, reason, sqlState: problem.sqlState },
    { cause: problem },
  )
}

function isServerProblem(error: unknown): error is ServerProblem {
  return isProblem(error) && error.cause === 'server'
}

import { dataMigrationChanged, dataMigrationVanished } from './boot-errors.ts'
import type { MigrationFile } from './migration-file.ts'

/** A row of `banyan_migration`. */
export interface AppliedMigration {
  readonly module: string
  /** `platform` for the tables of the data room itself, `module` for the module's files, else those of
   *  another room. */
  readonly stream: string
  readonly number: number
  readonly file: string
  readonly checksum: string
}

/** The files of one stream that are still to be applied, in order. Pure.
 *  @throws DATA_MIGRATION_CHANGED · DATA_MIGRATION_VANISHED */
export function pendingMigrations(
  module: string,
  files: readonly MigrationFile[],
  applied: readonly AppliedMigration[],
): MigrationFile[] {
  const byNumber = new Map(applied.map((row) => [row.number, row]))
  for (const row of applied) {
    if (files[row.number - 1] === undefined) throw dataMigrationVanished({ module, file: row.file })
  }
  return files.filter((file) => {
    const row = byNumber.get(file.number)
    if (row === undefined) return true
    if (row.checksum === file.checksum && row.file === file.file) return false
    throw dataMigrationChanged({
      file: row.file === file.file ? file.file : `${row.file} (now ${file.file})`,
      applied: row.checksum,
      found: file.checksum,
    })
  })
}

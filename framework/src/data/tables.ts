import type { Transaction } from 'kysely'
import type { ReadonlyKysely } from 'kysely/readonly'
import type { DataSource } from '../module/index.ts'

/** What `ctx.db` is: Kysely without anything that writes, as a type; the database role behind it has
 *  SELECT only. */
export type TableReader<Rows> = ReadonlyKysely<Rows>

/** What `ctx.transaction` hands to its work: Kysely bound to one open transaction. */
export type TableWriter<Rows> = Transaction<Rows>

/** Declares the tables of a module. Pure: nothing is read until the database is opened.
 *  @param migrations  the folder with the module's `0001-name.sql` files, usually
 *    `new URL('./sql/', import.meta.url)`; it must end in a slash.
 *  Types: `Rows` maps table names to Kysely row types (`Generated`, `ColumnType`, …). How column
 *  types arrive is listed in the engine's type table: int8 as bigint, numeric as string. */
export function tables<Rows>(migrations: URL): DataSource<TableReader<Rows>, TableWriter<Rows>> {
  return { migrations }
}

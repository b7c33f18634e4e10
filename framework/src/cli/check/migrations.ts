import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { lintMigrations, readMigrations } from '../../data/index.ts'
import { asBanyanError } from '../../kernel/index.ts'
import type { Application } from '../../module/index.ts'
import { cliMigrationUnsafe } from '../errors.ts'
import type { Problems } from './problems.ts'

/** Reads every module's migrations and finds what is dangerous in them.
 *  @returns how many files there are */
export async function checkMigrations(
  root: string,
  { modules }: Application,
  problems: Problems,
): Promise<number> {
  let count = 0
  for (const { tables } of modules) {
    if (tables === undefined) continue
    const folder = path.relative(root, fileURLToPath(tables.migrations))
    try {
      const files = await readMigrations(tables.migrations)
      count += files.length
      for (const { rule, file, line, column, why, fix } of lintMigrations(files)) {
        const text =
          (files.find((one) => one.file === file)?.text ?? '').split('\n')[line - 1] ?? ''
        const error = cliMigrationUnsafe({ statement: text.trim(), rule, fix })
        problems.addAt(error, { file: path.join(folder, file), line, column }, why)
      }
    } catch (error) {
      const coded = asBanyanError(error)
      const places = [coded.details['file'], coded.details['place']]
      const place = places.find((value) => typeof value === 'string') ?? ''
      const [name = '', line] = place.split(':')
      problems.addAt(coded, { file: path.join(folder, name), line: Number(line ?? 1), column: 1 })
    }
  }
  return count
}

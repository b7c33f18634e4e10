import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import {
  dataMigrationForbidden,
  dataMigrationNameInvalid,
  dataMigrationNumberInvalid,
  dataMigrationUnreadable,
} from './boot-errors.ts'
import { placeOf, type SqlStatement, splitSqlStatements } from './sql-token.ts'

/** One numbered file of a module's migrations. */
export interface MigrationFile {
  readonly number: number
  /** `0001-create-stock.sql` */
  readonly file: string
  readonly text: string
  /** SHA-256 of the text with line ends as `\n`, in hex. */
  readonly checksum: string
  /** False when it begins with `-- banyan: no-transaction`. */
  readonly isTransactional: boolean
  /** Names after `-- banyan: extension`. */
  readonly extensions: readonly string[]
}

const namePattern = /^(\d{4})-[a-z0-9]+(?:-[a-z0-9]+)*\.sql$/
const extensionPattern = /^--\s*banyan:\s*extension\s+([a-z0-9_-]+)\s*$/gm
const noTransactionPattern = /^--\s*banyan:\s*no-transaction\s*(?:\n|$)/

/** Reads a folder of migrations; other files than `.sql` are ignored.
 *  @throws DATA_MIGRATION_UNREADABLE · DATA_MIGRATION_NAME_INVALID · DATA_MIGRATION_NUMBER_INVALID ·
 *    DATA_MIGRATION_FORBIDDEN */
export async function readMigrations(folder: URL): Promise<MigrationFile[]> {
  const names = await listFolder(folder)
  names.sort()
  const files: MigrationFile[] = []
  for (const [index, file] of names.entries()) {
    const number = numberOf(file)
    if (number !== index + 1) {
      const expected = String(index + 1).padStart(4, '0')
      throw dataMigrationNumberInvalid({ file, expected })
    }
    files.push(parseMigration(file, await readFile(new URL(file, folder), 'utf8')))
  }
  return files
}

/** A migration from its name and text. Pure.
 *  @throws DATA_MIGRATION_NAME_INVALID · DATA_MIGRATION_FORBIDDEN */
export function parseMigration(file: string, raw: string): MigrationFile {
  const text = raw.replaceAll('\r\n', '\n')
  assertAllowed(file, text)
  return {
    number: numberOf(file),
    file,
    text,
    checksum: createHash('sha256').update(text).digest('hex'),
    isTransactional: !noTransactionPattern.test(text),
    extensions: Array.from(text.matchAll(extensionPattern), (match) => match[1] ?? ''),
  }
}

async function listFolder(folder: URL): Promise<string[]> {
  try {
    if (!folder.pathname.endsWith('/')) throw new Error('the URL does not end in a slash')
    const names = await readdir(folder)
    return names.filter((name) => name.endsWith('.sql'))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw dataMigrationUnreadable({ folder: folder.href, reason }, { cause })
  }
}

function numberOf(file: string): number {
  const match = namePattern.exec(file)
  if (match === null) throw dataMigrationNameInvalid({ file })
  return Number(match[1])
}

/** Statements that would leave the transaction or the role that the platform has chosen. */
const forbidden: readonly (readonly string[])[] = [
  ['begin'],
  ['start', 'transaction'],
  ['commit'],
  ['end'],
  ['rollback'],
  ['abort'],
  ['prepare', 'transaction'],
  ['set', 'role'],
  ['set', 'local', 'role'],
  ['set', 'session'],
  ['reset', 'role'],
  ['reset', 'session'],
  ['discard'],
]

function assertAllowed(file: string, text: string): void {
  for (const statement of splitSqlStatements(text)) {
    const match = forbidden.find((words) => startsWith(statement, words))
    if (match === undefined) continue
    const { line, column } = placeOf(text, statement.offset)
    throw dataMigrationForbidden({
      place: `${file}:${line}:${column}`,
      statement: match.join(' ').toUpperCase(),
    })
  }
}

function startsWith({ tokens }: SqlStatement, words: readonly string[]): boolean {
  return words.every((word, index) => tokens[index]?.kind === 'word' && tokens[index].text === word)
}

import { lintAlterTable } from './lint-alter-table.ts'
import type { LintRule } from './lint-rules.ts'
import type { Breach, LintState } from './lint-state.ts'
import { isWord, SqlCursor } from './sql-cursor.ts'
import type { SqlStatement } from './sql-token.ts'

type Rule = (cursor: SqlCursor, state: LintState) => LintRule | undefined | Breach[]

/** The kinds of statement that matter, by their first words; the first that fits decides. */
const kinds: readonly (readonly [readonly string[], Rule])[] = [
  [['create', 'unique', 'index'], createIndex],
  [['create', 'index'], createIndex],
  [['drop', 'index'], (cursor, state) => changeIndex(cursor, state)],
  [['reindex'], (cursor, state) => changeIndex(cursor, state)],
  [['alter', 'table'], lintAlterTable],
  [['drop', 'table'], dropTable],
  [['create', 'extension'], () => 'privilege-changed'],
  [['create', 'role'], () => 'privilege-changed'],
  [['create', 'user'], () => 'privilege-changed'],
  [['alter', 'role'], () => 'privilege-changed'],
  [['alter', 'default', 'privileges'], () => 'privilege-changed'],
  [['grant'], () => 'privilege-changed'],
  [['revoke'], () => 'privilege-changed'],
  [['create', 'schema'], () => 'schema-foreign'],
  [['drop', 'schema'], () => 'schema-foreign'],
  [['alter', 'schema'], () => 'schema-foreign'],
  [
    ['vacuum'],
    (cursor) => (cursor.tokens.some((t) => isWord(t, 'full')) ? 'table-rewritten' : undefined),
  ],
  [['cluster'], () => 'table-rewritten'],
  [['lock'], () => 'table-locked'],
  [['truncate'], truncate],
  [['create'], createOther],
]

/** The breaches of one statement; notes in `state` what later statements need to know. */
export function lintStatement(statement: SqlStatement, state: LintState): Breach[] {
  for (const [words, rule] of kinds) {
    const cursor = new SqlCursor(statement.tokens)
    if (!cursor.accept(...words)) continue
    const found = rule(cursor, state)
    if (found === undefined) return []
    return typeof found === 'string' ? [{ rule: found, at: statement.tokens[0] }] : found
  }
  return []
}

function createIndex(cursor: SqlCursor, state: LintState): LintRule | undefined {
  if (cursor.accept('concurrently')) {
    return state.isTransactional ? 'concurrently-in-transaction' : undefined
  }
  cursor.accept('if', 'not', 'exists')
  if (!isWord(cursor.current, 'on')) cursor.name()
  cursor.accept('on')
  cursor.accept('only')
  return state.isInUse(cursor.name()?.name ?? '') ? 'index-locks-table' : undefined
}

function changeIndex(cursor: SqlCursor, state: LintState): LintRule | undefined {
  const isConcurrent = cursor.tokens.some((token) => isWord(token, 'concurrently'))
  if (isConcurrent) return state.isTransactional ? 'concurrently-in-transaction' : undefined
  return state.isFirstFile ? undefined : 'index-locks-table'
}

function dropTable(cursor: SqlCursor, state: LintState): LintRule | undefined {
  cursor.accept('if', 'exists')
  return state.isInUse(cursor.name()?.name ?? '') ? 'table-dropped' : undefined
}

function truncate(cursor: SqlCursor, state: LintState): LintRule | undefined {
  cursor.accept('table')
  cursor.accept('only')
  return state.isInUse(cursor.name()?.name ?? '') ? 'table-truncated' : undefined
}

function createOther(cursor: SqlCursor, state: LintState): LintRule | undefined {
  const { tokens } = cursor
  const isDefiner = tokens.some((t, i) => isWord(t, 'security') && isWord(tokens[i + 1], 'definer'))
  if (isDefiner) return 'privilege-changed'
  cursor.accept('unlogged')
  if (!cursor.accept('table')) return undefined
  cursor.accept('if', 'not', 'exists')
  const table = cursor.name()
  if (table !== undefined) state.newTables.add(table.name)
  return undefined
}

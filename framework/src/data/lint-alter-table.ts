import type { LintRule } from './lint-rules.ts'
import type { Breach, LintState } from './lint-state.ts'
import { isName, isSymbol, isWord, SqlCursor } from './sql-cursor.ts'
import type { SqlToken } from './sql-token.ts'

/** Functions that give one value per statement, so that a default made of them rewrites nothing. */
const steady = new Set(['now', 'transaction_timestamp', 'statement_timestamp', 'current_setting'])
const serials = new Set(['serial', 'bigserial', 'smallserial', 'serial4', 'serial8', 'serial2'])

/** Breaches in `ALTER TABLE …`. Requires: the cursor stands behind `ALTER TABLE`. */
export function lintAlterTable(cursor: SqlCursor, state: LintState): Breach[] {
  cursor.accept('if', 'exists')
  cursor.accept('only')
  const table = cursor.name()?.name ?? ''
  const breaches: Breach[] = []
  for (const part of cursor.parts()) {
    const rule = ruleOf(new SqlCursor(part), table, state)
    if (rule !== undefined && state.isInUse(table)) breaches.push({ rule, at: part[0] })
  }
  return breaches
}

function ruleOf(action: SqlCursor, table: string, state: LintState): LintRule | undefined {
  if (action.accept('add')) return ruleOfAdd(action, table, state)
  if (action.accept('alter')) return ruleOfAlterColumn(action, table, state)
  if (action.accept('drop')) return ruleOfDrop(action)
  if (action.accept('rename')) {
    if (action.accept('to')) return 'table-renamed'
    return action.accept('constraint') ? undefined : 'column-renamed'
  }
  if (action.accept('validate', 'constraint')) {
    state.noteValidated(table, action.name()?.name ?? '')
    return undefined
  }
  if (!action.accept('set')) return undefined
  const rewriting = ['logged', 'unlogged', 'tablespace', 'access', 'schema']
  return rewriting.some((word) => isWord(action.current, word)) ? 'table-rewritten' : undefined
}

function ruleOfAdd(action: SqlCursor, table: string, state: LintState): LintRule | undefined {
  const constraint = action.accept('constraint') ? action.name()?.name : undefined
  if (isWord(action.current, 'check')) return ruleOfCheck(action, table, constraint, state)
  if (isWord(action.current, 'foreign')) return needsNotValid(action)
  if (['unique', 'primary', 'exclude'].some((word) => isWord(action.current, word))) {
    return action.has('using', 'index') ? undefined : 'constraint-builds-index'
  }
  if (constraint !== undefined) return needsNotValid(action)
  action.accept('column')
  action.accept('if', 'not', 'exists')
  action.name()
  return ruleOfNewColumn(action)
}

function needsNotValid(action: SqlCursor): LintRule | undefined {
  return action.has('not', 'valid') ? undefined : 'constraint-scans-table'
}

function ruleOfCheck(
  action: SqlCursor,
  table: string,
  constraint: string | undefined,
  state: LintState,
): LintRule | undefined {
  const isValid = !action.has('not', 'valid')
  const inside = action.tokens.slice(action.index + 2)
  const words = inside
    .slice(1, 4)
    .map((token) => token.text)
    .join(' ')
  const column = inside[0]
  if (
    column !== undefined &&
    isName(column) &&
    words === 'is not null' &&
    isSymbol(inside[4], ')')
  ) {
    state.noteNotNullCheck(table, constraint ?? '', column.text, isValid)
  }
  return isValid ? 'constraint-scans-table' : undefined
}

function ruleOfNewColumn(action: SqlCursor): LintRule | undefined {
  if (serials.has(action.current?.text ?? '')) return 'column-rewrites-table'
  if (action.has('generated')) return action.has('virtual') ? undefined : 'column-rewrites-table'
  if (action.has('unique') || action.has('primary', 'key')) return 'constraint-builds-index'
  if (action.has('default')) {
    return isVolatile(defaultOf(action)) ? 'column-rewrites-table' : undefined
  }
  return action.has('not', 'null') ? 'column-without-default' : undefined
}

function defaultOf(action: SqlCursor): readonly SqlToken[] {
  const start = action.tokens.findIndex((token) => isWord(token, 'default'))
  return action.tokens.slice(start + 1)
}

/** A call of anything that is not known to be steady counts as volatile; `::varchar(20)` is a type,
 *  and `check (` or `references t (` end the default. */
function isVolatile(expression: readonly SqlToken[]): boolean {
  for (const [index, token] of expression.entries()) {
    if (isWord(token, 'check') || isWord(token, 'references') || isWord(token, 'constraint')) break
    const isCall = isName(token) && isSymbol(expression[index + 1], '(')
    const isType = isSymbol(expression[index - 1], ':')
    if (isCall && !isType && !steady.has(token.text)) return true
  }
  return false
}

function ruleOfAlterColumn(
  action: SqlCursor,
  table: string,
  state: LintState,
): LintRule | undefined {
  if (action.accept('constraint')) return undefined
  action.accept('column')
  const column = action.name()?.name ?? ''
  if (action.accept('type') || action.accept('set', 'data', 'type')) return 'column-type-changed'
  if (!action.accept('set', 'not', 'null')) return undefined
  return state.isKnownNotNull(table, column) ? undefined : 'column-set-not-null'
}

function ruleOfDrop(action: SqlCursor): LintRule | undefined {
  return action.accept('constraint') ? undefined : 'column-dropped'
}

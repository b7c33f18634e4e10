import type { Breach } from './lint-state.ts'
import { isName, isSymbol, isWord } from './sql-cursor.ts'
import type { SqlStatement, SqlToken } from './sql-token.ts'

/** Words behind which a table, type, view, function or sequence is named. */
const naming = new Set([
  'from',
  'join',
  'into',
  'update',
  'table',
  'references',
  'view',
  'function',
  'procedure',
  'type',
  'sequence',
  'trigger',
  'domain',
  'only',
  'exists',
  'truncate',
  'using',
])
/** Functions in whose arguments FROM does not name a table. */
const fromCalls = new Set(['extract', 'substring', 'trim', 'overlay', 'position'])
const ownSchemas = new Set(['pg_catalog', 'information_schema', 'banyan_extension'])

/** Names of other schemas in one statement: `from orders.sale`, `select billing.total(1)`,
 *  `create index on orders.sale`. `alias.column` is none. */
export function lintSchemas({ tokens }: SqlStatement): Breach[] {
  const breaches: Breach[] = []
  const calls: (string | undefined)[] = []
  const isOnNaming = isWord(tokens[0], 'create') && tokens.some(isIndexOrTrigger)
  for (const [index, token] of tokens.entries()) {
    if (isSymbol(token, '(')) calls.push(tokens[index - 1]?.text)
    if (isSymbol(token, ')')) calls.pop()
    if (!isQualified(tokens, index) || ownSchemas.has(token.text)) continue
    const before = tokens[index - 1]
    const isNamed =
      before?.kind === 'word' &&
      (naming.has(before.text) || (isOnNaming && before.text === 'on')) &&
      !isFromOfCall(tokens, index, calls.at(-1))
    const isCall = isSymbol(tokens[index + 3], '(') && !isSymbol(before, '.')
    if (isNamed || (isCall && !isWord(before, 'insert')))
      breaches.push({ rule: 'schema-foreign', at: token })
  }
  return breaches
}

function isQualified(tokens: readonly SqlToken[], index: number): boolean {
  return isName(tokens[index]) && isSymbol(tokens[index + 1], '.') && isName(tokens[index + 2])
}

function isFromOfCall(
  tokens: readonly SqlToken[],
  index: number,
  call: string | undefined,
): boolean {
  if (!isWord(tokens[index - 1], 'from')) return false
  return isWord(tokens[index - 2], 'distinct') || fromCalls.has(call ?? '')
}

function isIndexOrTrigger(token: SqlToken): boolean {
  return ['index', 'trigger', 'policy', 'rule'].some((word) => isWord(token, word))
}

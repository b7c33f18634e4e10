/** A piece of SQL text. Comments are kept apart; strings and dollar-quoted bodies are opaque. */
export interface SqlToken {
  readonly kind: 'word' | 'quoted' | 'string' | 'number' | 'symbol' | 'comment'
  /** Words in lower case; quoted identifiers without their quotes; comments without their marks. */
  readonly text: string
  /** From 0, into the whole text. */
  readonly offset: number
}

const patterns: readonly { readonly kind: SqlToken['kind']; readonly pattern: RegExp }[] = [
  { kind: 'comment', pattern: /--[^\n]*/y },
  { kind: 'string', pattern: /\$([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$[\s\S]*?\$\1\$/y },
  { kind: 'string', pattern: /[eE]'(?:[^'\\]|\\[\s\S]|'')*'/y },
  { kind: 'string', pattern: /(?:[uU]&|[bBxXnN])?'(?:[^']|'')*'/y },
  { kind: 'quoted', pattern: /(?:[uU]&)?"(?:[^"]|"")*"/y },
  { kind: 'number', pattern: /\d+(?:\.\d*)?(?:[eE][+-]?\d+)?/y },
  { kind: 'word', pattern: /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y },
]

/** Splits SQL into tokens. It never fails: what no rule knows is a symbol of one character. */
export function readSqlTokens(sql: string): SqlToken[] {
  const tokens: SqlToken[] = []
  let offset = 0
  while (offset < sql.length) {
    if (/\s/.test(sql.charAt(offset))) {
      offset++
      continue
    }
    const end = sql.startsWith('/*', offset) ? endOfBlockComment(sql, offset) : undefined
    const token = end === undefined ? readToken(sql, offset) : blockComment(sql, offset, end)
    tokens.push(token.token)
    offset = token.end
  }
  return tokens
}

/** One statement with the comments in front of and inside it. */
export interface SqlStatement {
  readonly tokens: readonly SqlToken[]
  readonly comments: readonly SqlToken[]
  readonly offset: number
}

/** The statements of a script, without their semicolons; empty ones are left out. */
export function splitSqlStatements(sql: string): SqlStatement[] {
  const statements: SqlStatement[] = []
  let tokens: SqlToken[] = []
  let comments: SqlToken[] = []
  let depth = 0
  const finish = (): void => {
    const first = tokens[0]
    if (first !== undefined) statements.push({ tokens, comments, offset: first.offset })
    tokens = []
    comments = []
  }
  for (const token of readSqlTokens(sql)) {
    if (token.kind === 'comment') comments.push(token)
    else if (token.text === ';' && token.kind === 'symbol' && depth === 0) finish()
    else {
      depth += blockDepth(token, tokens)
      tokens.push(token)
    }
  }
  finish()
  return statements
}

/** Line and column, both from 1, of an offset. */
export function placeOf(sql: string, offset: number): { line: number; column: number } {
  const before = sql.slice(0, offset)
  const line = before.split('\n').length
  return { line, column: offset - before.lastIndexOf('\n') }
}

/** `BEGIN ATOMIC … END` bodies of functions hold semicolons; CASE has an END of its own. */
function blockDepth(token: SqlToken, before: readonly SqlToken[]): number {
  if (token.kind !== 'word') return 0
  const isFunction = before[0]?.text === 'create' && before.some(isRoutineWord)
  if (!isFunction) return 0
  const inBody = before.some((item) => item.text === 'atomic')
  if (token.text === 'atomic' && before.at(-1)?.text === 'begin') return 1
  if (!inBody) return 0
  if (token.text === 'case') return 1
  return token.text === 'end' ? -1 : 0
}

function isRoutineWord(token: SqlToken): boolean {
  return token.kind === 'word' && (token.text === 'function' || token.text === 'procedure')
}

function readToken(sql: string, offset: number): { token: SqlToken; end: number } {
  for (const { kind, pattern } of patterns) {
    pattern.lastIndex = offset
    const match = pattern.exec(sql)
    if (match === null) continue
    return { token: { kind, text: textOf(kind, match[0]), offset }, end: pattern.lastIndex }
  }
  return { token: { kind: 'symbol', text: sql.charAt(offset), offset }, end: offset + 1 }
}

function textOf(kind: SqlToken['kind'], raw: string): string {
  if (kind === 'word') return raw.toLowerCase()
  if (kind === 'comment') return raw.slice(2).trim()
  if (kind === 'quoted') return raw.slice(raw.indexOf('"') + 1, -1).replaceAll('""', '"')
  return raw
}

/** Block comments nest in PostgreSQL. */
function endOfBlockComment(sql: string, start: number): number {
  let depth = 0
  for (let index = start; index < sql.length; index++) {
    if (sql.startsWith('/*', index)) {
      depth++
      index++
    } else if (sql.startsWith('*/', index)) {
      depth--
      index++
      if (depth === 0) return index + 1
    }
  }
  return sql.length
}

function blockComment(sql: string, offset: number, end: number): { token: SqlToken; end: number } {
  const text = sql
    .slice(offset + 2, end)
    .replace(/\*\/$/, '')
    .trim()
  return { token: { kind: 'comment', text, offset }, end }
}

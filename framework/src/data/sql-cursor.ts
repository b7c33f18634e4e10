import type { SqlToken } from './sql-token.ts'

/** Reads the tokens of one statement from left to right. */
export class SqlCursor {
  readonly tokens: readonly SqlToken[]
  index = 0

  constructor(tokens: readonly SqlToken[]) {
    this.tokens = tokens
  }

  get isAtEnd(): boolean {
    return this.index >= this.tokens.length
  }

  get current(): SqlToken | undefined {
    return this.tokens[this.index]
  }

  /** Whether these words come next; steps over them if they do. */
  accept(...words: readonly string[]): boolean {
    const matches = words.every((word, ahead) => isWord(this.tokens[this.index + ahead], word))
    if (matches) this.index += words.length
    return matches
  }

  /** Steps over a possibly qualified name: its last part, and the schema if one was written. */
  name(): { readonly schema: string | undefined; readonly name: string } | undefined {
    const first = this.current
    if (first === undefined || !isName(first)) return undefined
    this.index++
    const second = this.tokens[this.index + 1]
    if (!isSymbol(this.current, '.') || second === undefined || !isName(second)) {
      return { schema: undefined, name: first.text }
    }
    this.index += 2
    return { schema: first.text, name: second.text }
  }

  /** Whether these words come anywhere behind the cursor, outside of parentheses. */
  has(...words: readonly string[]): boolean {
    let depth = 0
    for (let at = this.index; at < this.tokens.length; at++) {
      depth += depthChange(this.tokens[at])
      if (depth === 0 && words.every((word, ahead) => isWord(this.tokens[at + ahead], word))) {
        return true
      }
    }
    return false
  }

  /** What follows, cut at commas outside of parentheses. */
  parts(): SqlToken[][] {
    const parts: SqlToken[][] = [[]]
    let depth = 0
    for (const token of this.tokens.slice(this.index)) {
      depth += depthChange(token)
      if (depth === 0 && isSymbol(token, ',')) parts.push([])
      else parts.at(-1)?.push(token)
    }
    return parts
  }
}

export function isWord(token: SqlToken | undefined, word: string): boolean {
  return token?.kind === 'word' && token.text === word
}

export function isSymbol(token: SqlToken | undefined, symbol: string): boolean {
  return token?.kind === 'symbol' && token.text === symbol
}

export function isName(token: SqlToken | undefined): boolean {
  return token?.kind === 'word' || token?.kind === 'quoted'
}

function depthChange(token: SqlToken | undefined): number {
  if (isSymbol(token, '(')) return 1
  return isSymbol(token, ')') ? -1 : 0
}

import { readFileSync } from 'node:fs'
import { type ParseResult, parseSync } from 'oxc-parser'
import { boundaryFileUnreadable } from './errors.ts'

/** A position in a file, counted from 1 as editors do. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** One file of text: its syntax tree, made when first asked for, and its lines. */
export class Source {
  /** The path under which it is reported. */
  readonly file: string
  readonly text: string
  #parsed: ParseResult | undefined
  #lineStarts: readonly number[] | undefined

  constructor(file: string, text: string) {
    this.file = file
    this.text = text
  }

  /** Reads `path` and reports it as `file`. Cost: one synchronous read. */
  static read(path: string, file: string = path): Source {
    return new Source(file, readFileSync(path, 'utf8'))
  }

  /** The parsed file. @throws BOUNDARY_FILE_UNREADABLE when it is no valid TypeScript. */
  parsed(): ParseResult {
    if (this.#parsed !== undefined) return this.#parsed
    const parsed = parseSync(this.file, this.text)
    const [error] = parsed.errors
    if (error !== undefined) {
      const start = error.labels[0]?.start ?? 0
      const { line, column } = this.placeAt(start)
      throw boundaryFileUnreadable({ file: `${this.file}:${line}:${column}`, cause: error.message })
    }
    this.#parsed = parsed
    return parsed
  }

  /** The line and column of a character offset. */
  placeAt(offset: number): Place {
    const starts = this.#starts()
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 }
  }

  /** The text of a line (counted from 1) without its line break; `undefined` outside the file. */
  line(number: number): string | undefined {
    const start = this.#starts()[number - 1]
    if (start === undefined) return undefined
    return this.text.slice(start, this.#starts()[number]).replace(/\r?\n$/, '')
  }

  #starts(): readonly number[] {
    if (this.#lineStarts === undefined) {
      const starts = [0]
      for (let at = this.text.indexOf('\n'); at !== -1; at = this.text.indexOf('\n', at + 1)) {
        starts.push(at + 1)
      }
      this.#lineStarts = starts
    }
    return this.#lineStarts
  }
}

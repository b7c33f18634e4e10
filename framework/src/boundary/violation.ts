import type { Source } from './source.ts'

/** One breach of a law: where, what, why it matters, and the next step. */
export interface Violation {
  readonly code: string
  readonly file: string
  readonly line: number
  readonly column: number
  readonly message: string
  readonly why: string
  readonly fix: string
  /** The line with its neighbours, the breach underlined; empty for a breach of a whole file. */
  readonly frame: string
}

/** What a law says of one breach; an error of a room's table is one. */
export interface Finding {
  readonly code: string
  readonly message: string
  readonly fix: string
  readonly why: string
}

/** Makes a violation of a finding at the characters `start` to `end` of `source`. */
export function violationOf(
  finding: Finding,
  source: Source,
  span: { readonly start: number; readonly end: number },
): Violation {
  const { line, column } = source.placeAt(span.start)
  return {
    code: finding.code,
    file: source.file,
    line,
    column,
    message: finding.message,
    why: finding.why,
    fix: finding.fix,
    frame: frameOf(source, line, column, span.end - span.start),
  }
}

/** A violation as a person reads it in a terminal; the first line makes sense alone. */
export function renderViolation(violation: Violation): string {
  const { code, file, line, column, message, why, fix, frame } = violation
  const parts = [`${code}  ${message}`, `  ${file}:${line}:${column}`]
  if (frame !== '') parts.push(frame)
  return [...parts, `  why   ${why}`, `  fix   ${fix}`].join('\n')
}

const tabs = /\t/g

function frameOf(source: Source, line: number, column: number, length: number): string {
  const width = String(line + 1).length
  const rows: string[] = []
  for (let number = Math.max(1, line - 1); number <= line + 1; number++) {
    const text = source.line(number)
    if (text === undefined) continue
    rows.push(`   ${String(number).padStart(width)} | ${text.replace(tabs, ' ')}`)
    if (number !== line) continue
    const carets = '^'.repeat(Math.max(1, Math.min(length, text.length - column + 1)))
    rows.push(`   ${' '.repeat(width)} | ${' '.repeat(column - 1)}${carets}`)
  }
  return rows.join('\n')
}

import { type Source, type Violation, violationOf } from '../../framework/src/boundary/index.ts'
import { type RuleName, rules } from './rules.ts'

/** One untidiness: which rule, where, what was seen and what to do. */
export interface Finding {
  readonly rule: RuleName
  readonly file: string
  readonly violation: Violation
  /** What an entry of the exception list compares: lines, parameters, names; 1 for a mere occurrence. */
  readonly size: number
}

export interface FindingText {
  readonly message: string
  readonly fix: string
  readonly size?: number
}

type Span = { readonly start: number; readonly end: number }

/** Makes a finding at a place of a file; at its first character unless a span is given. */
export function findingAt(rule: RuleName, source: Source, text: FindingText, span?: Span): Finding {
  const { code, why } = rules[rule]
  const { message, fix, size = 1 } = text
  const at = span ?? { start: 0, end: 0 }
  const violation = violationOf({ code, message, fix, why }, source, at)
  const shown = span === undefined ? { ...violation, frame: '' } : violation
  return { rule, file: source.file, violation: shown, size }
}

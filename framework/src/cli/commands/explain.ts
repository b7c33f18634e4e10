import { kindRules } from '../../kernel/index.ts'
import { cliCodeUnknown } from '../errors.ts'
import { type ErrorRow, listErrors } from '../error-catalog.ts'
import { exitCodeOfRow } from '../exit-codes.ts'
import { nearestOf } from '../../runtime/index.ts'
import { print } from '../terminal.ts'

export interface ExplainFlags {
  readonly json?: boolean
}

const retryTexts = {
  never: 'no: the same call fails again',
  safe: 'yes: nothing happened',
  later: 'yes, after a pause: nothing happened',
  with_key: 'only with the same idempotency key: it may have happened',
} as const

/** `banyan explain`: one error code, or all of them. Performs no I/O. */
export function explain(flags: ExplainFlags, code: string | undefined): void {
  const rows = listErrors()
  if (code === undefined) {
    const lines = rows.map((row) => `${row.code.padEnd(38)} ${row.message}`)
    return print(flags.json === true ? JSON.stringify(rows.map(withRules)) : lines.join('\n'))
  }
  const wanted = code.toUpperCase()
  const row = rows.find((candidate) => candidate.code === wanted)
  if (row === undefined) {
    const nearest = nearestOf(
      wanted,
      rows.map((candidate) => candidate.code),
    )
    throw cliCodeUnknown({ code, nearest })
  }
  print(flags.json === true ? JSON.stringify(withRules(row)) : explanation(row))
}

function withRules(row: ErrorRow): object {
  const { status, retry, level } = kindRules[row.kind]
  return { ...row, status, retry, level, exitCode: exitCodeOfRow(row) }
}

function explanation(row: ErrorRow): string {
  const { code, kind, message, fix } = row
  const { status, retry, level } = kindRules[kind]
  return `${code}

  says    ${message}
  fix     ${fix === '' ? '-' : fix}
  kind    ${kind}
  HTTP    ${status}
  again?  ${retryTexts[retry]}
  log     ${level}
  exit    ${exitCodeOfRow(row)}

{…} stands for what is filled in.`
}

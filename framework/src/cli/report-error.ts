import { asBanyanError, type BanyanError } from '../kernel/index.ts'

/** How errors are written. */
export interface ReportForm {
  /** With the stack and the causes' stacks. */
  readonly isVerbose: boolean
  /** As one line of JSON instead of text. */
  readonly isJson: boolean
}

/** An error as it is written to standard error, in the form that was asked for. */
export function reportError(error: unknown, form: ReportForm): string {
  if (form.isJson) return JSON.stringify({ error: errorFields(error) })
  return formatError(error, form.isVerbose)
}

/** An error as people read it: code and message, why, what to do. The first line makes sense alone. */
export function formatError(error: unknown, isVerbose: boolean): string {
  const coded = asBanyanError(error)
  const lines = [`${coded.code}  ${coded.message}`]
  for (const cause of causesOf(coded)) lines.push(`  why   ${cause}`)
  if (coded.fix !== '') lines.push(`  fix   ${coded.fix}`)
  lines.push(`  more  banyan explain ${coded.code}`)
  if (isVerbose && coded.stack !== undefined) lines.push('', stackOf(coded))
  return lines.join('\n')
}

/** An error as machines read it. */
export function errorFields(error: unknown): Readonly<Record<string, unknown>> {
  const coded = asBanyanError(error)
  const { code, kind, message, fix, details } = coded
  const { problems } = details
  const listed = Array.isArray(problems) ? { problems: problems as readonly unknown[] } : {}
  return { code, kind, message, fix, causes: causesOf(coded), ...listed }
}

const causesMax = 4

/** The messages of the causes, without those that the message already tells. */
function causesOf(error: BanyanError): readonly string[] {
  const causes: string[] = []
  let told = error.message
  let current: unknown = error.cause
  while (current instanceof Error && causes.length < causesMax) {
    const { message } = current
    if (message !== '' && !told.includes(message)) causes.push(message)
    told += `\n${message}`
    current = current.cause
  }
  return causes
}

function stackOf(error: BanyanError): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${error.cause.stack ?? ''}` : ''
  return `${error.stack ?? ''}${cause}`
}

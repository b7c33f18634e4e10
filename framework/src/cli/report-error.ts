import { asBanyanError, type BanyanError } from '../kernel/index.ts'

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
export function errorJson(error: unknown): Record<string, unknown> {
  const { code, kind, message, fix, details } = asBanyanError(error)
  return { code, kind, message, fix, details, causes: causesOf(asBanyanError(error)) }
}

const causesMax = 4

function causesOf(error: BanyanError): readonly string[] {
  const causes: string[] = []
  let current: unknown = error.cause
  while (current instanceof Error && causes.length < causesMax) {
    causes.push(current.message)
    current = current.cause
  }
  return causes
}

function stackOf(error: BanyanError): string {
  const cause = error.cause instanceof Error ? `\n${error.cause.stack ?? ''}` : ''
  return `${error.stack ?? ''}${cause}`
}

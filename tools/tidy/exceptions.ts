import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Source } from '../../framework/src/boundary/index.ts'
import { type Finding, findingAt } from './finding.ts'
import { type RuleName, rules } from './rules.ts'

/** A breach that is accepted for a reason. `size` is what is accepted: the lines or names of a size
 *  rule, the number of occurrences of any other. It may only shrink. */
export interface Exception {
  readonly rule: string
  readonly file: string
  readonly size: number
  readonly reason: string
}

/** Where the list of exceptions is, relative to the repository. */
export const exceptionsFile = 'tools/tidy-exceptions.json'

export function readExceptions(root: string): { source: Source; list: readonly Exception[] } {
  const path = join(root, exceptionsFile)
  const source = existsSync(path)
    ? Source.read(path, exceptionsFile)
    : new Source(exceptionsFile, '[]')
  return { source, list: JSON.parse(source.text) as readonly Exception[] }
}

/** Takes the accepted findings out, and adds one for each exception that is wider than needed. */
export function applyExceptions(
  findings: readonly Finding[],
  source: Source,
  list: readonly Exception[],
): Finding[] {
  const accepted = new Set<Finding>()
  const loose: Finding[] = []
  for (const exception of list) {
    const covered = findings.filter((finding) => isCovered(finding, exception))
    const size = amountOf(covered)
    if (size <= exception.size) for (const finding of covered) accepted.add(finding)
    if (size < exception.size || exception.reason === '')
      loose.push(tooWide(source, exception, size))
  }
  return [...findings.filter((finding) => !accepted.has(finding)), ...loose]
}

function isCovered(finding: Finding, exception: Exception): boolean {
  return rules[finding.rule].code === exception.rule && finding.file === exception.file
}

const sized: ReadonlySet<RuleName> = new Set([
  'fileLong',
  'functionLong',
  'parametersMany',
  'doorWide',
])

function amountOf(findings: readonly Finding[]): number {
  const [first] = findings
  if (first === undefined) return 0
  return sized.has(first.rule) ? Math.max(...findings.map(({ size }) => size)) : findings.length
}

function tooWide(source: Source, exception: Exception, size: number): Finding {
  const { rule, file } = exception
  const message = `the exception from ${rule} for ${file} allows ${exception.size}, but ${size} is enough`
  const fix = size === 0 ? 'Take the entry out.' : `Lower its size to ${size}, and give its reason.`
  const start = Math.max(0, source.text.indexOf(`"${file}"`))
  return findingAt(
    'exceptionLoose',
    source,
    { message, fix },
    { start, end: start + file.length + 2 },
  )
}

import { Source, walk } from '../../framework/src/boundary/index.ts'
import { checkBannedNode, checkComments } from './banned-words.ts'
import { checkErrorTables } from './error-tables.ts'
import { applyExceptions, readExceptions } from './exceptions.ts'
import { RepositoryFiles } from './files.ts'
import { type Finding, findingAt } from './finding.ts'
import { checkFrontDoors } from './front-doors.ts'
import { checkGenerated } from './generated.ts'
import { checkNames } from './names.ts'
import { checkPrivateTexts } from './private-texts.ts'
import { checkFileSize, checkFunction } from './sizes.ts'
import { checkTestTitles } from './test-titles.ts'

export interface TidyOptions {
  /** A run that sees fewer TypeScript files than this is broken. */
  readonly filesMin: number
}

/** Holds a repository to the style guide.
 *  @param all  its files, relative to `root` with `/`.
 *  @returns what is untidy and not excepted, by file and line. */
export function checkTidy(
  root: string,
  all: readonly string[],
  { filesMin }: TidyOptions,
): { readonly fileCount: number; readonly findings: readonly Finding[] } {
  const given = new RepositoryFiles(root, all)
  const unreadable = given.code.flatMap((file) => unreadableIn(given.source(file)))
  const broken = new Set(unreadable.map(({ file }) => file))
  const files = new RepositoryFiles(
    root,
    all.filter((file) => !broken.has(file)),
  )
  const findings = [
    ...unreadable,
    ...tooFew(files, filesMin),
    ...files.code.flatMap((file) => checkCode(files.source(file))),
    ...checkNames(files),
    ...checkPrivateTexts(files),
    ...checkFrontDoors(files),
    ...checkTestTitles(files),
    ...checkErrorTables(files),
    ...checkGenerated(files),
  ]
  const { source, list } = readExceptions(root)
  const left = applyExceptions(findings, source, list)
  left.sort((a, b) => a.file.localeCompare(b.file) || a.violation.line - b.violation.line)
  return { fileCount: files.code.length, findings: left }
}

function checkCode(source: Source): Finding[] {
  const findings = [...checkFileSize(source), ...checkComments(source)]
  walk(source.parsed().program, (node, ancestors) => {
    findings.push(...checkFunction(node, ancestors, source))
    findings.push(...checkBannedNode(node, ancestors, source))
  })
  return findings
}

function unreadableIn(source: Source): Finding[] {
  try {
    source.parsed()
    return []
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return [findingAt('unreadable', source, { message, fix: 'Make it valid TypeScript.' })]
  }
}

function tooFew(files: RepositoryFiles, filesMin: number): Finding[] {
  if (files.code.length >= filesMin) return []
  const message = `tidy saw ${files.code.length} TypeScript files, expected ${filesMin} at least`
  const source = new Source('.', '')
  return [
    findingAt('filesFew', source, { message, fix: 'Find out why it does not see the sources.' }),
  ]
}

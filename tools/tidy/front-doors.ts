import { posix } from 'node:path'
import type { AstNode, Source } from '../../framework/src/boundary/index.ts'
import { type Finding, findingAt } from './finding.ts'
import type { RepositoryFiles } from './files.ts'
import { limits } from './rules.ts'

const door = /^framework\/src\/(?:engines\/[^/]+(?:\/[^/]+)?|[^/]+)\/index\.ts$/

const isErrorTable = (file: string): boolean => /(?:^|[/-])errors\.ts$/.test(file)

/** A name that a front door exports, and the file that declares it. */
interface ExportedName {
  readonly name: string
  readonly file: string
}

/** Front doors: few names, an opening paragraph, and a docstring on everything that is exported. A
 *  room's error table (`export * from './errors.ts'`) counts as one name, rows of it that are exported by
 *  name as none: they document themselves. */
export function checkFrontDoors(files: RepositoryFiles): Finding[] {
  return files.code.filter((file) => door.test(file)).flatMap((file) => checkDoor(files, file))
}

function checkDoor(files: RepositoryFiles, file: string): Finding[] {
  const source = files.source(file)
  const { names, tables } = exportedNames(files, file)
  const findings = names.flatMap((name) => checkDocstring(files, name))
  const count = names.filter((name) => !isErrorTable(name.file)).length + tables
  if (count > limits.doorNames) {
    const message = `${file} exports ${count} names (limit ${limits.doorNames})`
    const fix = 'Export only what other rooms need; split the room if they need that much.'
    findings.push(findingAt('doorWide', source, { message, fix, size: count }))
  }
  const opening = /^\/\*\*([\s\S]*?)\*\//.exec(source.text)?.[1] ?? ''
  if (opening.replaceAll(/[\s*]+/g, ' ').length < limits.doorTextLength) {
    const message = `${file} does not open with a paragraph about the room`
    const fix = 'Begin with /** … */: what it is for, what not, its promises and limits.'
    findings.push(findingAt('doorSilent', source, { message, fix }))
  }
  return findings
}

function exportedNames(
  files: RepositoryFiles,
  door: string,
): { names: ExportedName[]; tables: number } {
  const names: ExportedName[] = []
  let tables = 0
  for (const { entries } of files.source(door).parsed().module.staticExports) {
    for (const { moduleRequest, exportName, importName } of entries) {
      const file =
        moduleRequest === null ? door : posix.join(posix.dirname(door), moduleRequest.value)
      if (exportName.name !== null) names.push({ name: importName.name ?? exportName.name, file })
      else if (isErrorTable(file)) tables++
      else if (files.has(file)) names.push(...exportedNames(files, file).names)
    }
  }
  return { names, tables }
}

function checkDocstring(files: RepositoryFiles, { name, file }: ExportedName): Finding[] {
  if (isErrorTable(file) || !files.has(file)) return []
  const source = files.source(file)
  const found = declarationOf(source, name)
  if (found === undefined) {
    const next = exportedNames(files, file).names.find((inner) => inner.name === name)
    return next === undefined || next.file === file ? [] : checkDocstring(files, next)
  }
  const documented = source
    .parsed()
    .comments.some(
      ({ type, value, end }) =>
        type === 'Block' &&
        value.startsWith('*') &&
        /^\s*$/.test(source.text.slice(end, found.start)),
    )
  if (documented) return []
  const message = `${name} is exported by a front door without a docstring`
  const fix = 'Say what it is, its units, range, errors, cost and limits in /** … */ above it.'
  return [
    findingAt(
      'exportSilent',
      source,
      { message, fix },
      { start: found.start, end: found.start + 6 },
    ),
  ]
}

/** The export statement that declares `name`; the first of its overloads. */
function declarationOf(source: Source, name: string): AstNode | undefined {
  return source.parsed().program.body.find((statement) => {
    if (statement.type !== 'ExportNamedDeclaration') return false
    const { declaration } = statement
    if (declaration === null) return false
    if (declaration.type === 'VariableDeclaration') {
      return declaration.declarations.some(({ id }) => id.type === 'Identifier' && id.name === name)
    }
    return (
      'id' in declaration && declaration.id?.type === 'Identifier' && declaration.id.name === name
    )
  })
}

import { type Finding, findingAt } from './finding.ts'
import { type ErrorRow, readErrorTable } from './error-table.ts'
import { isTestFile, type RepositoryFiles } from './files.ts'

/** Error codes: unique, formed ROOM_NOUN_STATE, thrown by the sources and provoked by a test. */
export function checkErrorTables(files: RepositoryFiles): Finding[] {
  const rows = readErrorTable(files)
  const uses = new ErrorUses(files)
  const first = new Map<string, ErrorRow>()
  return rows.flatMap((row) => {
    const earlier = first.get(row.code)
    first.set(row.code, earlier ?? row)
    return [
      ...(earlier === undefined ? [] : [codeTwice(row, earlier)]),
      ...checkForm(row),
      ...(uses.isThrown(row) ? [] : [unthrown(row)]),
      ...(uses.isTested(row) ? [] : [untested(row)]),
    ]
  })
}

/** Where the names and codes of error tables occur. */
class ErrorUses {
  readonly #production: readonly string[]
  readonly #tests: readonly string[]

  constructor(files: RepositoryFiles) {
    const textOf = (file: string): string => withoutComments(files, file)
    const inScope = files.code.filter((file) => /^(?:framework|shop)\//.test(file))
    this.#production = inScope.filter((file) => !isTestFile(file)).map(textOf)
    this.#tests = inScope.filter(isTestFile).map(textOf)
  }

  /** Made by a call, or handed to something that makes it; `is` and `code` only look at it. */
  isThrown({ name }: ErrorRow): boolean {
    const use = new RegExp(`(?<!const )(?<![\\w.])${name}\\b(?!\\.|\\s*:\\s*ErrorDefinition)`, 'g')
    return this.#production.some((text) => [...withoutImports(text).matchAll(use)].some(() => true))
  }

  isTested({ name, code }: ErrorRow): boolean {
    const use = new RegExp(`\\b(?:${name}|${code})\\b`)
    return this.#tests.some((text) => use.test(withoutImports(text)))
  }
}

function withoutComments(files: RepositoryFiles, file: string): string {
  const source = files.source(file)
  let text = source.text
  for (const { start, end } of source.parsed().comments) {
    text = text.slice(0, start) + ' '.repeat(end - start) + text.slice(end)
  }
  return text
}

function withoutImports(text: string): string {
  return text.replaceAll(/^(?:import|export)\s[^'"]*from\s*['"][^'"]*['"]/gm, '')
}

function checkForm(row: ErrorRow): Finding[] {
  const rooms = row.room.split('/').map((part) => part.toUpperCase().replaceAll('-', '_'))
  const isFormed =
    /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/.test(row.code) &&
    rooms.some((room) => row.code.startsWith(`${room}_`))
  const isPlaced = row.name !== '' && row.source.file.endsWith('errors.ts')
  if (isFormed && isPlaced) return []
  const message = isFormed
    ? `${row.code} is not an exported const in an errors.ts`
    : `"${row.code}" is not ${rooms.at(-1)}_NOUN_STATE`
  const fix = 'Name it after its room, and keep it in the room’s errors.ts.'
  return [findingAt('codeForm', row.source, { message, fix }, row.span)]
}

function codeTwice(row: ErrorRow, earlier: ErrorRow): Finding {
  const at = `${earlier.source.file}:${earlier.source.placeAt(earlier.span.start).line}`
  const message = `${row.code} is already defined at ${at}`
  const fix = 'Give it a code of its own, or use the other one.'
  return findingAt('codeTwice', row.source, { message, fix }, row.span)
}

function unthrown(row: ErrorRow): Finding {
  const text = { message: `${row.code} is thrown nowhere`, fix: 'Throw it, or delete the row.' }
  return findingAt('codeUnthrown', row.source, text, row.span)
}

function untested(row: ErrorRow): Finding {
  const text = {
    message: `${row.code} is asserted in no test`,
    fix: `Provoke it in a test, and assert ${row.name}.is(error) or its code.`,
  }
  return findingAt('codeUntested', row.source, text, row.span)
}

import path from 'node:path'
import { checkModules, findModules, renderViolation, type Violation } from '../../boundary/index.ts'
import type { Change } from '../../contract/index.ts'
import { checkChanges, writeManifest } from '../check/changes.ts'
import { checkContracts, checkDeclarations } from '../check/declarations.ts'
import { checkMigrations } from '../check/migrations.ts'
import { Problems } from '../check/problems.ts'
import { checkUses } from '../check/uses.ts'
import { exitCodes } from '../exit-codes.ts'
import { findEntry } from '../load-application.ts'
import { print } from '../terminal.ts'

export interface CheckFlags {
  readonly json?: boolean
  readonly write?: boolean
}

/** What a check saw and found. */
interface CheckReport {
  readonly modules: number
  readonly files: number
  /** Undefined when the application could not be loaded. */
  readonly operations: number | undefined
  readonly migrations: number | undefined
  /** Undefined without contracts.json. */
  readonly changes: readonly Change[] | undefined
  /** File that was written. */
  readonly written: string | undefined
  readonly problems: readonly Violation[]
}

/** `banyan check`: everything that can be known without running. Exit code 1 when there is a problem. */
export async function check(flags: CheckFlags, folder: string): Promise<void> {
  const report = await checkFolder(path.resolve(folder), flags.write ?? false)
  const ok = report.problems.length === 0
  if (flags.json === true) print(JSON.stringify({ schema: 'banyan.check/1', ok, ...report }))
  else print(render(report))
  process.exitCode = ok ? exitCodes.ok : exitCodes.failed
}

async function checkFolder(root: string, isWriting: boolean): Promise<CheckReport> {
  const entry = await findEntry(root)
  const folders = findModules(root)
  const problems = new Problems({ root, entry, modules: folders })
  const boundaries = checkModules({ root, modules: folders })
  problems.addViolations(boundaries.violations)
  const project = await checkDeclarations(root, folders, problems)
  const seen = { modules: folders.length, files: boundaries.fileCount }
  if (project === undefined) {
    const unknown = { operations: undefined, migrations: undefined, changes: undefined }
    return { ...seen, ...unknown, written: undefined, problems: problems.sorted }
  }
  const { application } = project
  checkUses({ root, folders, application }, problems)
  const operations = checkContracts(project, problems)
  const migrations = await checkMigrations(root, application, problems)
  const written = isWriting ? await writeManifest(root, application) : undefined
  const changes = await checkChanges(root, application, problems)
  return { ...seen, operations, migrations, changes, written, problems: problems.sorted }
}

function render(report: CheckReport): string {
  const { problems, modules, files, operations, migrations, changes, written } = report
  const blocks = problems.map(
    (problem) => `${renderViolation(problem)}\n  more  banyan explain ${problem.code}\n`,
  )
  const safe = changes?.filter(({ severity }) => severity === 'safe').length
  const seen = [
    plural(modules, 'module'),
    plural(files, 'file'),
    operations === undefined ? 'contracts not loaded' : plural(operations, 'operation'),
    ...(migrations === undefined ? [] : [plural(migrations, 'migration')]),
    safe === undefined ? 'no contracts.json to compare with' : plural(safe, 'safe contract change'),
    ...(written === undefined ? [] : [`wrote ${written}`]),
  ].join(', ')
  const verdict = problems.length === 0 ? 'ok' : plural(problems.length, 'problem')
  return [...blocks, `${verdict}   (${seen})`].join('\n')
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

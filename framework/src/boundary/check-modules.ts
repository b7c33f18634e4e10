import { join } from 'node:path'
import type { BanyanError } from '../kernel/index.ts'
import {
  boundaryFileUnreadable,
  boundaryImportComputed,
  boundaryImportCycle,
  boundaryImportForeign,
  boundaryModulesMissing,
} from './errors.ts'
import { findCycles } from './cycles.ts'
import { filesBelow, findModules, type ModuleFolder } from './find-modules.ts'
import { foreignTablesInCode, foreignTablesInSql } from './foreign-tables.ts'
import { type Import, importsOf } from './imports.ts'
import { resolveImport } from './resolve.ts'
import { Source } from './source.ts'
import { type Schema, schemaOf } from './tables.ts'
import { type Finding, type Violation, violationOf } from './violation.ts'

export interface CheckModulesOptions {
  /** The application's source folder; every path in the report is relative to it. */
  readonly root: string
  /** The modules; found by their `contract.ts` and `module.ts` unless given. */
  readonly modules?: readonly ModuleFolder[]
}

export interface ModulesReport {
  readonly modules: readonly ModuleFolder[]
  /** TypeScript and SQL files that were read: a check that saw nothing proves nothing. */
  readonly fileCount: number
  /** Sorted by file and line. */
  readonly violations: readonly Violation[]
}

const reasons = {
  foreign: 'What is inside a module may change without notice; only its contract is a promise.',
  computed: 'An import that cannot be read cannot be checked, and hides a dependency.',
  cycle:
    'Files in a circle can only be understood, tested and moved together; which of them runs first depends on who is imported first.',
  unreadable: 'What cannot be parsed cannot be checked.',
}

/** Holds an application's modules to their boundaries.
 *  From another module only its `contract.ts` may be imported; from outside all modules, and in tests,
 *  also its `module.ts`. No text or SQL in a module names another module's schema. No two files import
 *  each other in a circle, type-only imports included. (A circle of *calls* is refused at boot by the
 *  room `module`; a module may subscribe to events of one that calls it.)
 *  @returns every violation at once.
 *  @throws BOUNDARY_MODULES_MISSING when there is nothing to check.
 *  Cost: reads and parses each file once, about 1 ms per file. */
export function checkModules(options: CheckModulesOptions): ModulesReport {
  const modules = options.modules ?? findModules(options.root)
  if (modules.length === 0) throw boundaryModulesMissing({ root: options.root })
  return new ModulesCheck(options.root, modules).run()
}

class ModulesCheck {
  readonly #root: string
  readonly #modules: readonly ModuleFolder[]
  readonly #schemas: readonly Schema[]
  readonly #files: ReadonlySet<string>
  readonly #violations: Violation[] = []
  readonly #graph = new Map<string, string[]>()

  constructor(root: string, modules: readonly ModuleFolder[]) {
    this.#root = root
    this.#modules = modules
    this.#schemas = modules.map((module) => schemaOf(root, module))
    this.#files = new Set(filesBelow(root, '', ['.ts', '.tsx', '.mts']))
  }

  run(): ModulesReport {
    for (const file of this.#files) this.#guarded(file, () => this.#checkCode(file))
    const sqlFiles = this.#modules.flatMap((module) =>
      filesBelow(this.#root, module.folder, ['.sql']),
    )
    for (const file of sqlFiles) this.#checkSql(file)
    this.#checkCycles()
    this.#violations.sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line)
    return {
      modules: this.#modules,
      fileCount: this.#files.size + sqlFiles.length,
      violations: this.#violations,
    }
  }

  /** A file that does not parse is one violation among the others, not the end of the check. */
  #guarded(file: string, check: () => void): void {
    try {
      check()
    } catch (error) {
      if (!boundaryFileUnreadable.is(error)) throw error
      const source = new Source(file, '')
      this.#violations.push(
        violationOf(findingOf(error, reasons.unreadable), source, { start: 0, end: 0 }),
      )
    }
  }

  #checkCode(file: string): void {
    const source = Source.read(join(this.#root, file), file)
    const owner = this.#ownerOf(file)
    this.#graph.set(file, [])
    for (const found of importsOf(source)) this.#checkImport(source, owner, found)
    if (owner === undefined) return
    this.#violations.push(...foreignTablesInCode(source, owner.name, this.#schemasBut(owner)))
  }

  #checkSql(file: string): void {
    const owner = this.#ownerOf(file)
    if (owner === undefined) return
    const source = Source.read(join(this.#root, file), file)
    this.#violations.push(...foreignTablesInSql(source, owner.name, this.#schemasBut(owner)))
  }

  #checkImport(source: Source, from: ModuleFolder | undefined, found: Import): void {
    if (found.specifier === undefined) {
      if (from === undefined) return
      const error = boundaryImportComputed({ module: from.name })
      this.#violations.push(violationOf(findingOf(error, reasons.computed), source, found))
      return
    }
    const target = resolveImport(source.file, found.specifier, this.#files)
    if (target === undefined) return
    this.#graph.get(source.file)?.push(target)
    const to = this.#ownerOf(target)
    if (to === undefined || to === from || isDoor(target, to, from, source.file)) return
    const error = boundaryImportForeign({
      module: from?.name ?? source.file,
      owner: to.name,
      specifier: found.specifier,
    })
    this.#violations.push(violationOf(findingOf(error, reasons.foreign), source, found))
  }

  #checkCycles(): void {
    for (const path of findCycles(this.#graph)) {
      const [file = '', next = ''] = path
      const source = Source.read(join(this.#root, file), file)
      const edge = importsOf(source).find(
        ({ specifier }) =>
          specifier !== undefined && resolveImport(file, specifier, this.#files) === next,
      )
      const span = edge ?? { start: 0, end: 0 }
      this.#violations.push(
        violationOf(findingOf(boundaryImportCycle({ path }), reasons.cycle), source, span),
      )
    }
  }

  #ownerOf(file: string): ModuleFolder | undefined {
    return this.#modules.find((module) => file.startsWith(`${module.folder}/`))
  }

  #schemasBut(owner: ModuleFolder): Schema[] {
    return this.#schemas.filter((schema) => schema.owner !== owner.name)
  }
}

function findingOf({ code, message, fix }: BanyanError, why: string): Finding {
  return { code, message, fix, why }
}

/** Whether another module's file may be imported: its contract always, its module where applications
 *  are put together. */
function isDoor(
  target: string,
  owner: ModuleFolder,
  from: ModuleFolder | undefined,
  file: string,
): boolean {
  if (target === `${owner.folder}/contract.ts`) return true
  const composes = from === undefined || file.endsWith('.test.ts')
  return composes && target === `${owner.folder}/module.ts`
}

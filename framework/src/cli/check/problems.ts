import path from 'node:path'
import {
  type ModuleFolder,
  Source,
  type Violation,
  violationOf,
  walk,
} from '../../boundary/index.ts'
import type { BanyanError } from '../../kernel/index.ts'
import { reasonFor } from './reasons.ts'

/** A place in a text. */
interface Span {
  readonly start: number
  readonly end: number
}

/** Collects what is wrong with the application of one folder, each thing once. */
export class Problems {
  readonly #root: string
  readonly #entry: string
  readonly #modules: readonly ModuleFolder[]
  readonly #found = new Map<string, Violation>()

  constructor(parts: {
    /** Folder of the application, absolute; places are shown relative to it. */
    readonly root: string
    /** File that declares the application, absolute. */
    readonly entry: string
    readonly modules: readonly ModuleFolder[]
  }) {
    this.#root = parts.root
    this.#entry = path.relative(parts.root, parts.entry)
    this.#modules = parts.modules
  }

  /** By file, line and column. */
  get sorted(): readonly Violation[] {
    return [...this.#found.values()].sort(
      (a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column,
    )
  }

  /** Problems that already have a place. */
  addViolations(violations: readonly Violation[]): void {
    for (const violation of violations) this.#add(violation)
  }

  /** A problem at a line and a column of a file. */
  addAt(error: BanyanError, place: Place, why: string = reasonFor(error.code)): void {
    const source = this.#read(place.file)
    this.#add(violationOf(findingOf(error, why), source, spanAt(source, place)))
  }

  /** A problem at certain characters of a file. */
  addSpan(error: BanyanError, source: Source, span: Span): void {
    this.#add(violationOf(findingOf(error, reasonFor(error.code)), source, span))
  }

  /** A problem of a declaration: its place is found from the names in the error. */
  addDeclared(error: BanyanError, why: string = reasonFor(error.code)): void {
    const place = tryParsePlace(error, this.#root)
    if (place !== undefined) return this.addAt(error, place, why)
    const { source, span } = this.#locate(error)
    this.#add(violationOf(findingOf(error, why), source, span))
  }

  #add(violation: Violation): void {
    const { code, file, line, column, message } = violation
    this.#found.set(`${code} ${file}:${line}:${column} ${message}`, violation)
  }

  /** The operation or module that an error names, as it stands in the sources. */
  #locate({ code, details }: BanyanError): { readonly source: Source; readonly span: Span } {
    const names = ['operation', 'place', 'second', 'module'].map((key) => details[key])
    const named = names.find((value) => typeof value === 'string') ?? ''
    const [module = '', name = ''] = named.split(/[\s.:]+/)
    const folder = this.#modules.find((candidate) => candidate.name === module)
    if (folder === undefined) return { source: this.#read(this.#entry), span: { start: 0, end: 1 } }
    const isInModule = /^MODULE_(HANDLER|USE|GRANT)_|^DATA_|^RUNTIME_/.test(code)
    const file = `${folder.folder}/${isInModule ? 'module.ts' : 'contract.ts'}`
    const source = this.#read(file)
    const span =
      tryFind(source, (text) => text === name) ?? tryFind(source, (text) => text === module)
    return { source, span: span ?? { start: 0, end: 1 } }
  }

  #read(file: string): Source {
    try {
      return Source.read(path.join(this.#root, file), file)
    } catch {
      return new Source(file, '')
    }
  }
}

/** A line and a column of a file, both from 1. */
export interface Place {
  /** Relative to the application's folder. */
  readonly file: string
  readonly line: number
  readonly column: number
}

function findingOf({ code, message, fix }: BanyanError, why: string) {
  return { code, message, fix, why }
}

/** A file that could not be loaded names its own place. */
function tryParsePlace({ details }: BanyanError, root: string): Place | undefined {
  const [, file, line, column] = /^(.*?)(?::(\d+))?(?::(\d+))?$/.exec(String(details['file'])) ?? []
  if (file === undefined || !path.isAbsolute(file)) return undefined
  const place = { line: Number(line ?? 1), column: Number(column ?? 1) }
  return { file: path.relative(root, file), ...place }
}

/** The first property key, method name or text literal that `matches`. */
function tryFind(source: Source, matches: (text: string) => boolean): Span | undefined {
  let found: Span | undefined
  try {
    walk(source.parsed().program, (node) => {
      if (found !== undefined) return
      if (node.type === 'Property' && node.key.type === 'Identifier' && matches(node.key.name)) {
        found = { start: node.key.start, end: node.key.end }
      } else if (node.type === 'Literal' && typeof node.value === 'string' && matches(node.value)) {
        found = { start: node.start, end: node.end }
      }
    })
  } catch {
    // A file that does not parse is a problem of its own.
  }
  return found
}

function spanAt(source: Source, { line, column }: Place): Span {
  const lines = source.text.split('\n').slice(0, line - 1)
  const start = lines.reduce((sum, text) => sum + text.length + 1, 0) + column - 1
  const rest = (source.line(line) ?? '').slice(column - 1)
  const word = /^[\w$.]+/.exec(rest)?.[0].length ?? 1
  return { start, end: start + word }
}

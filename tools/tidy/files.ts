import { join } from 'node:path'
import { Source } from '../../framework/src/boundary/index.ts'

/** The files of a repository, each read and parsed once however many rules look at it. */
export class RepositoryFiles {
  readonly root: string
  /** All files, relative with `/`. */
  readonly all: readonly string[]
  /** TypeScript that we wrote: without the benchmark's peers, which follow their own manuals. */
  readonly code: readonly string[]
  readonly #sources = new Map<string, Source>()

  constructor(root: string, all: readonly string[]) {
    this.root = root
    this.all = all
    this.code = all.filter((file) => /\.[cm]?tsx?$/.test(file) && !file.startsWith('bench/peers/'))
  }

  source(file: string): Source {
    const known = this.#sources.get(file) ?? Source.read(join(this.root, file), file)
    this.#sources.set(file, known)
    return known
  }

  has(file: string): boolean {
    return this.all.includes(file)
  }
}

/** Files that only tests load; `x.types.ts` holds what must and must not compile, and never runs. */
export function isTestFile(file: string): boolean {
  return /\.(?:test|types|fixture|suite|bench|drill)\.ts$/.test(file)
}

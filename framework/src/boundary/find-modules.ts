import { existsSync, readdirSync } from 'node:fs'
import { join, posix } from 'node:path'
import { Source } from './source.ts'
import { walk } from './walk.ts'

/** A module of an application as it lies on disk: a folder with a `contract.ts` and a `module.ts`. */
export interface ModuleFolder {
  /** The name its contract declares; the folder's name when that is not a literal. */
  readonly name: string
  /** Relative to the root, with `/`. */
  readonly folder: string
  /** Its schema in the database; the module's name unless given. */
  readonly schema?: string
}

const foldersMax = 10_000

/** The modules below `root`, sorted by folder. Folders that start with a dot, `node_modules` and
 *  `dist` are not entered. A module inside a module is not looked for.
 *  Limits: 10,000 folders; what lies beyond is an error of the caller, who chose the root. */
export function findModules(root: string): ModuleFolder[] {
  const found: ModuleFolder[] = []
  const waiting = ['']
  for (let count = 0; waiting.length > 0 && count < foldersMax; count++) {
    const folder = waiting.shift() ?? ''
    const entries = readdirSync(join(root, folder), { withFileTypes: true })
    const names = new Set(entries.map((entry) => entry.name))
    if (names.has('contract.ts') && names.has('module.ts')) {
      found.push({ name: declaredName(root, folder), folder })
      continue
    }
    const folders = entries.filter((entry) => entry.isDirectory() && isEntered(entry.name))
    waiting.push(...folders.map((entry) => posix.join(folder, entry.name)))
  }
  return found.sort((a, b) => a.folder.localeCompare(b.folder))
}

/** Whether a folder of this name may hold sources of the application. */
export function isEntered(name: string): boolean {
  return !name.startsWith('.') && name !== 'node_modules' && name !== 'dist'
}

/** The files below `folder` with one of these endings, relative to `root`, sorted. */
export function filesBelow(root: string, folder: string, endings: readonly string[]): string[] {
  if (!existsSync(join(root, folder))) return []
  const files: string[] = []
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = posix.join(folder, entry.name)
    if (entry.isDirectory()) {
      if (isEntered(entry.name)) files.push(...filesBelow(root, path, endings))
    } else if (endings.some((ending) => path.endsWith(ending))) files.push(path)
  }
  return files.sort()
}

function declaredName(root: string, folder: string): string {
  const path = posix.join(folder, 'contract.ts')
  let name: string | undefined
  try {
    walk(Source.read(join(root, path), path).parsed().program, (node) => {
      if (node.type !== 'CallExpression' || node.callee.type !== 'Identifier') return
      const [first] = node.arguments
      if (node.callee.name !== 'contract' || first?.type !== 'Literal') return
      if (typeof first.value === 'string') name ??= first.value
    })
  } catch {
    // A contract that does not parse is reported when its imports are read.
  }
  return name ?? posix.basename(folder)
}

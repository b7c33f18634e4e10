import path from 'node:path'
import { readdirSync } from 'node:fs'
import { type AstNode, type ModuleFolder, Source, walk } from '../../boundary/index.ts'
import { type Application, moduleUseUndeclared } from '../../module/index.ts'
import type { Problems } from './problems.ts'

/** Finds calls of modules that are not declared in `uses`: `ctx.call.orders.place(…)`, or the same
 *  through `const { call } = ctx`. Types find them as well; this finds them in code without types. */
export function checkUses(
  parts: {
    readonly root: string
    readonly folders: readonly ModuleFolder[]
    readonly application: Application
  },
  problems: Problems,
): void {
  const known = new Set(parts.application.modules.map(({ contract }) => contract.name))
  for (const { name, folder } of parts.folders) {
    const declared = parts.application.modules.find(({ contract }) => contract.name === name)
    if (declared === undefined) continue
    const allowed = new Set(declared.uses.map((used) => used.name))
    for (const file of sourcesOf(parts.root, folder)) {
      const source = Source.read(path.join(parts.root, file), file)
      for (const { used, span } of calledModules(source)) {
        if (!known.has(used) || allowed.has(used)) continue
        problems.addSpan(moduleUseUndeclared({ module: name, used }), source, span)
      }
    }
  }
}

interface CalledModule {
  readonly used: string
  readonly span: { readonly start: number; readonly end: number }
}

function calledModules(source: Source): readonly CalledModule[] {
  const found: CalledModule[] = []
  if (!source.text.includes('call')) return found
  try {
    walk(source.parsed().program, (node) => {
      if (node.type !== 'MemberExpression' || node.property.type !== 'Identifier') return
      if (!isCallSite(node.object)) return
      const { name, start, end } = node.property
      found.push({ used: name, span: { start, end } })
    })
  } catch {
    // A file that does not parse is a problem of its own.
  }
  return found
}

function isCallSite(node: AstNode): boolean {
  if (node.type === 'Identifier') return node.name === 'call'
  if (node.type !== 'MemberExpression' || node.property.type !== 'Identifier') return false
  return node.property.name === 'call'
}

function sourcesOf(root: string, folder: string): readonly string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.m?ts$/.test(file) && !/\.test\.m?ts$/.test(file))
    .filter((file) => !file.includes('node_modules'))
    .map((file) => path.posix.join(folder, file.replaceAll(path.sep, '/')))
}

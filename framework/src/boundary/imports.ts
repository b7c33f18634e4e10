import type { EcmaScriptModule, ParseResult } from 'oxc-parser'
import { Source } from './source.ts'
import { walk } from './walk.ts'

/** One place where a file names another module. */
export interface Import {
  /** What stands between the quotes; `undefined` when the path is computed at run time. */
  readonly specifier: string | undefined
  /** True when nothing remains of it at run time: `import type`, `export type`, `import('x').T`. */
  readonly typeOnly: boolean
  readonly form: 'import' | 'export' | 'dynamic' | 'require' | 'type'
  /** Offsets of the specifier, quotes included. */
  readonly start: number
  readonly end: number
}

/** Everything that the file at `path` imports, in every form TypeScript has, in the order of the text.
 *  @throws BOUNDARY_FILE_UNREADABLE */
export function readImports(path: string): Import[] {
  return importsOf(Source.read(path))
}

/** The imports of a source that is already in memory. @throws BOUNDARY_FILE_UNREADABLE */
export function importsOf(source: Source): Import[] {
  const parsed = source.parsed()
  const found = [...staticImports(parsed.module), ...reExports(parsed.module)]
  // The rest is only in the syntax tree, which costs ten times the parsing: ask for it when needed.
  if (/\b(?:import|require)\b\s*\(/.test(source.text)) found.push(...expressionImports(parsed))
  return found.sort((a, b) => a.start - b.start)
}

function staticImports(module: EcmaScriptModule): Import[] {
  return module.staticImports.map(({ moduleRequest, entries }) => ({
    specifier: moduleRequest.value,
    typeOnly: entries.length > 0 && entries.every((entry) => entry.isType),
    form: 'import',
    start: moduleRequest.start,
    end: moduleRequest.end,
  }))
}

function reExports(module: EcmaScriptModule): Import[] {
  return module.staticExports.flatMap(({ entries }) => {
    const request = entries.find((entry) => entry.moduleRequest !== null)?.moduleRequest
    if (request === undefined || request === null) return []
    const typeOnly = entries.every((entry) => entry.isType)
    return [
      {
        specifier: request.value,
        typeOnly,
        form: 'export',
        start: request.start,
        end: request.end,
      },
    ]
  })
}

function expressionImports(parsed: ParseResult): Import[] {
  const found: Import[] = []
  walk(parsed.program, (node) => {
    if (node.type === 'ImportExpression') {
      found.push({ ...literalOf(node.source), typeOnly: false, form: 'dynamic' })
    } else if (node.type === 'TSImportType') {
      found.push({ ...literalOf(node.source), typeOnly: true, form: 'type' })
    } else if (node.type === 'CallExpression' && node.arguments.length === 1) {
      const [argument] = node.arguments
      const { callee } = node
      if (callee.type !== 'Identifier' || callee.name !== 'require' || !argument) return
      found.push({ ...literalOf(argument), typeOnly: false, form: 'require' })
    }
  })
  return found
}

interface Literal {
  readonly specifier: string | undefined
  readonly start: number
  readonly end: number
}

function literalOf(node: { type: string; start: number; end: number }): Literal {
  const { start, end } = node
  return { specifier: textOf(node), start, end }
}

function textOf(node: object): string | undefined {
  if ('value' in node && typeof node.value === 'string') return node.value
  if (!('quasis' in node) || !Array.isArray(node.quasis) || node.quasis.length !== 1) {
    return undefined
  }
  const cooked: unknown = node.quasis[0]?.value?.cooked
  return typeof cooked === 'string' ? cooked : undefined
}

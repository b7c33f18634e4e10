import { type AstNode, type Source, walk } from '../../framework/src/boundary/index.ts'
import { isTestFile, type RepositoryFiles } from './files.ts'

/** One row of an error table, read from the source. */
export interface ErrorRow {
  readonly room: string
  /** The exported const that makes the error. */
  readonly name: string
  readonly code: string
  readonly kind: string
  /** The message with `{placeholders}` for what is filled in. */
  readonly message: string
  readonly fix: string
  readonly source: Source
  readonly span: { readonly start: number; readonly end: number }
}

/** Every `defineError(code, kind, …)` of the framework's production code, in the order of files. */
export function readErrorTable(files: RepositoryFiles): ErrorRow[] {
  return files.code
    .filter((file) => file.startsWith('framework/src/') && !isTestFile(file))
    .filter((file) => files.source(file).text.includes('defineError'))
    .flatMap((file) => rowsOf(files.source(file)))
}

function rowsOf(source: Source): ErrorRow[] {
  const rows: ErrorRow[] = []
  walk(source.parsed().program, (node, ancestors) => {
    if (node.type !== 'CallExpression' || node.callee.type !== 'Identifier') return
    const [code, kind, text] = node.arguments
    // A code that is put together at run time belongs to an application, not to a table.
    if (node.callee.name !== 'defineError' || code?.type !== 'Literal') return
    rows.push({
      room: roomOf(source.file),
      name: declaredName(ancestors.at(-1)),
      code: textIn(code, source),
      kind: kind === undefined ? '' : textIn(kind, source),
      message: propertyOf(text, 'message', source),
      fix: propertyOf(text, 'fix', source),
      source,
      span: { start: code.start, end: code.end },
    })
  })
  return rows
}

function declaredName(parent: AstNode | undefined): string {
  if (parent?.type !== 'VariableDeclarator' || parent.id.type !== 'Identifier') return ''
  return parent.id.name
}

function roomOf(file: string): string {
  const parts = file.split('/').slice(2, -1)
  return parts[0] === 'engines' ? parts.slice(0, 2).join('/') : (parts[0] ?? '')
}

function propertyOf(node: AstNode | undefined, key: string, source: Source): string {
  if (node?.type !== 'ObjectExpression') return ''
  for (const property of node.properties) {
    if (property.type !== 'Property' || property.key.type !== 'Identifier') continue
    if (property.key.name === key) return textIn(property.value, source)
  }
  return ''
}

/** A literal's text, a template with `{expressions}` in it, or what a function returns of these. */
function textIn(node: AstNode, source: Source): string {
  switch (node.type) {
    case 'Literal':
      return typeof node.value === 'string' ? node.value : source.text.slice(node.start, node.end)
    case 'TemplateLiteral':
      return node.quasis
        .map((quasi, index) => {
          const expression = node.expressions[index]
          const filled = expression === undefined ? '' : `{${placeholder(expression, source)}}`
          return (quasi.value.cooked ?? quasi.value.raw) + filled
        })
        .join('')
    case 'ArrowFunctionExpression':
      return textIn(node.body, source)
    case 'ParenthesizedExpression':
      return textIn(node.expression, source)
    case 'BinaryExpression':
      return textIn(node.left, source) + textIn(node.right, source)
    case 'ConditionalExpression':
      return `${textIn(node.consequent, source)} / ${textIn(node.alternate, source)}`
    default:
      return '(depends on the details)'
  }
}

function placeholder(node: AstNode, source: Source): string {
  const text = source.text.slice(node.start, node.end)
  return /([A-Za-z_]\w*)(?:\W*$|\.join\b|\()/.exec(text)?.[1] ?? text
}

import type { StringLiteral, TemplateElement } from 'oxc-parser'
import { boundaryTableForeign } from './errors.ts'
import type { Source } from './source.ts'
import {
  findTableReferences,
  maskSql,
  type Schema,
  type TableReference,
  type TextKind,
} from './tables.ts'
import { type Violation, violationOf } from './violation.ts'
import { type AstNode, walk } from './walk.ts'

const why =
  'This works only as long as both live in one database; the role of this module has no right to it, and the table may change without notice.'

/** Methods of query builders whose text arguments are names of tables or columns. */
const namingCalls =
  /^(?:selectFrom|insertInto|updateTable|deleteFrom|mergeInto|replaceInto|from|using|table|ref|id|withSchema|\w*Join\w*)$/

/** References to other modules' tables in a TypeScript file: string literals and template literals. */
export function foreignTablesInCode(
  source: Source,
  module: string,
  foreign: readonly Schema[],
): Violation[] {
  const found: Violation[] = []
  walk(source.parsed().program, (node, ancestors) => {
    const text = textOf(node)
    if (text === undefined || isImportPath(ancestors)) return
    const call = namingCall(ancestors)
    const kind: TextKind = call === undefined ? 'text' : 'name'
    const references = findTableReferences(text.value, kind, foreign)
    if (call === 'withSchema' || call === 'id') references.push(...schemaNamed(text.value, foreign))
    found.push(...references.map((ref) => violation(source, module, ref, text.start)))
  })
  return found
}

/** References to other modules' tables in a `.sql` file. */
export function foreignTablesInSql(
  source: Source,
  module: string,
  foreign: readonly Schema[],
): Violation[] {
  return findTableReferences(maskSql(source.text), 'text', foreign).map((reference) =>
    violation(source, module, reference, 0),
  )
}

function violation(
  source: Source,
  module: string,
  { owner, table, start, end }: TableReference,
  offset: number,
): Violation {
  const { code, message, fix } = boundaryTableForeign({ module, owner, table })
  return violationOf({ code, message, fix, why }, source, {
    start: start + offset,
    end: end + offset,
  })
}

/** The text of a literal as it stands in the file, so that offsets in it are offsets in the file. */
function textOf(node: AstNode): { value: string; start: number } | undefined {
  if (isStringLiteral(node)) return { value: (node.raw ?? '').slice(1, -1), start: node.start + 1 }
  if (isTemplateElement(node)) return { value: node.value.raw, start: node.start }
  return undefined
}

function isStringLiteral(node: AstNode): node is StringLiteral {
  return node.type === 'Literal' && typeof node.value === 'string'
}

function isTemplateElement(node: AstNode): node is TemplateElement {
  return node.type === 'TemplateElement'
}

function isImportPath(ancestors: readonly AstNode[]): boolean {
  const type = ancestors.at(-1)?.type ?? ''
  return /^(?:Import|Export(?:All|Named))|^TSImportType$/.test(type) && type !== 'ImportExpression'
}

/** The name of the naming call that a literal is an argument of, directly or in an array. */
function namingCall(ancestors: readonly AstNode[]): string | undefined {
  const nearest = ancestors.filter((node) => node.type !== 'TemplateLiteral').slice(-2)
  const call = nearest.at(-1)?.type === 'ArrayExpression' ? nearest.at(-2) : nearest.at(-1)
  if (call?.type !== 'CallExpression') return undefined
  const { callee } = call
  const name =
    callee.type === 'MemberExpression' && callee.property.type === 'Identifier'
      ? callee.property.name
      : ''
  return namingCalls.test(name) ? name : undefined
}

function schemaNamed(text: string, foreign: readonly Schema[]): TableReference[] {
  return foreign
    .filter((schema) => schema.name === text)
    .map((schema) => ({ owner: schema.owner, table: text, start: 0, end: text.length }))
}

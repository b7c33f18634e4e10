import type { AstNode, Source } from '../../framework/src/boundary/index.ts'
import { type Finding, findingAt } from './finding.ts'
import { isTestFile } from './files.ts'
import { limits } from './rules.ts'

/** Files of more than 400 lines. */
export function checkFileSize(source: Source): Finding[] {
  const lines = source.text.split('\n').length - (source.text.endsWith('\n') ? 1 : 0)
  if (lines <= limits.fileLines) return []
  const message = `${source.file} has ${lines} lines (limit ${limits.fileLines})`
  const fix = 'Split it by idea: one concept per file, named after it.'
  return [findingAt('fileLong', source, { message, fix, size: lines })]
}

/** Functions of more than 70 lines, what they enclose included, and exported functions of the
 *  framework with more than three parameters. */
export function checkFunction(
  node: AstNode,
  ancestors: readonly AstNode[],
  source: Source,
): Finding[] {
  if (!isFunction(node)) return []
  const findings: Finding[] = []
  const lines = source.placeAt(node.end).line - source.placeAt(node.start).line + 1
  if (lines > limits.functionLines && !(isTestFile(source.file) && holdsTests(node))) {
    const message = `${nameOf(node, ancestors)} has ${lines} lines (limit ${limits.functionLines})`
    const fix =
      'Name its steps as functions of their own; a closure used as an object becomes a class.'
    const span = { start: node.start, end: node.start + 1 }
    findings.push(findingAt('functionLong', source, { message, fix, size: lines }, span))
  }
  const count = node.params.length
  const isPublic = source.file.startsWith('framework/') && !isTestFile(source.file)
  if (count > limits.parameters && isPublic && isExported(ancestors)) {
    const message = `${nameOf(node, ancestors)} takes ${count} parameters (limit ${limits.parameters})`
    const fix = 'Gather what belongs together into an options object.'
    const span = { start: node.start, end: node.start + 1 }
    findings.push(findingAt('parametersMany', source, { message, fix, size: count }, span))
  }
  return findings
}

type FunctionNode = Extract<
  AstNode,
  { readonly params: readonly unknown[]; readonly async: boolean; readonly body: unknown }
>

function isFunction(node: AstNode): node is FunctionNode {
  return (
    node.type === 'FunctionDeclaration' ||
    node.type === 'FunctionExpression' ||
    node.type === 'ArrowFunctionExpression'
  )
}

/** A suite's body is a list of tests, not one train of thought: each test counts by itself. */
function holdsTests(node: FunctionNode): boolean {
  const { body } = node
  if (body?.type !== 'BlockStatement') return false
  return body.body.some((statement) => {
    const inner = statement.type === 'ForOfStatement' ? statement.body : statement
    const first = inner.type === 'BlockStatement' ? inner.body[0] : inner
    if (first?.type !== 'ExpressionStatement') return false
    const call =
      first.expression.type === 'AwaitExpression' ? first.expression.argument : first.expression
    if (call.type !== 'CallExpression') return false
    const { callee } = call
    if (callee.type === 'Identifier') return /^(?:test|it|describe|suite)$/.test(callee.name)
    return (
      callee.type === 'MemberExpression' &&
      callee.property.type === 'Identifier' &&
      callee.property.name === 'test'
    )
  })
}

/** `export function f` or `export const f = () =>`. */
function isExported(ancestors: readonly AstNode[]): boolean {
  const types = ancestors.slice(-3).map((node) => node.type)
  if (types.at(-1) === 'ExportNamedDeclaration') return true
  return types.join(' ') === 'ExportNamedDeclaration VariableDeclaration VariableDeclarator'
}

function nameOf(node: FunctionNode, ancestors: readonly AstNode[]): string {
  if (node.id !== null && node.id !== undefined) return node.id.name
  const parent = ancestors.at(-1)
  if (parent === undefined) return 'a function'
  const named: unknown = 'id' in parent ? parent.id : 'key' in parent ? parent.key : undefined
  if (typeof named !== 'object' || named === null || !('name' in named)) return 'a function'
  return typeof named.name === 'string' ? named.name : 'a function'
}

import { posix } from 'node:path'
import { type AstNode, type Source, walk } from '../../framework/src/boundary/index.ts'
import { type Finding, findingAt } from './finding.ts'
import { isTestFile, type RepositoryFiles } from './files.ts'
import { limits } from './rules.ts'

interface Title {
  readonly text: string
  readonly isTest: boolean
  readonly source: Source
  readonly span: { readonly start: number; readonly end: number }
}

/** Test titles are sentences, and no two tests of one folder have the same. Titles that are put
 *  together at run time are left to the runner. */
export function checkTestTitles(files: RepositoryFiles): Finding[] {
  const titles = files.code.filter(isTestFile).flatMap((file) => titlesOf(files.source(file)))
  const seen = new Map<string, Title>()
  const findings: Finding[] = []
  for (const title of titles.filter(({ isTest }) => isTest)) {
    const key = `${posix.dirname(title.source.file)} ${title.text}`
    const first = seen.get(key)
    seen.set(key, first ?? title)
    if (first !== undefined) findings.push(twice(title, first))
    if (title.text.split(/\s+/).length < limits.titleWords) findings.push(short(title))
  }
  return findings
}

function twice({ text, source, span }: Title, first: Title): Finding {
  const at = `${first.source.file}:${first.source.placeAt(first.span.start).line}`
  const message = `the title "${text}" is taken by ${at}`
  return findingAt('titleTwice', source, { message, fix: 'Say what is different here.' }, span)
}

function short({ text, source, span }: Title): Finding {
  const message = `the title "${text}" is no sentence`
  const fix = 'Say what happens, under which condition.'
  return findingAt('titleShort', source, { message, fix }, span)
}

function titlesOf(source: Source): Title[] {
  const found: Title[] = []
  walk(source.parsed().program, (node, ancestors) => {
    const title = titleOf(node)
    if (title === undefined) return
    const outer = ancestors.flatMap((ancestor) => titleOf(ancestor)?.text ?? [])
    found.push({
      text: [...outer, title.text].join(' › '),
      isTest: title.isTest,
      source,
      span: title.span,
    })
  })
  return found
}

function titleOf(
  node: AstNode,
): { text: string; isTest: boolean; span: { start: number; end: number } } | undefined {
  if (node.type !== 'CallExpression') return undefined
  const [first] = node.arguments
  const called = calledName(node.callee)
  if (called === undefined || first?.type !== 'Literal' || typeof first.value !== 'string') {
    return undefined
  }
  const isTest = called === 'test' || called === 'it'
  return { text: first.value, isTest, span: { start: first.start, end: first.end } }
}

function calledName(callee: AstNode): string | undefined {
  if (callee.type === 'Identifier') {
    return /^(?:test|it|describe|suite)$/.test(callee.name) ? callee.name : undefined
  }
  if (callee.type !== 'MemberExpression' || callee.object.type !== 'Identifier') return undefined
  // `t.test('…')` inside a test; not `/x/.test('…')`.
  const isSubtest = callee.property.type === 'Identifier' && callee.property.name === 'test'
  return isSubtest && /^t\d?$/.test(callee.object.name) ? 'test' : undefined
}

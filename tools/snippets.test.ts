import assert from 'node:assert/strict'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { FileTree } from '../framework/src/boundary/file-tree.fixture.ts'
import { repositoryRoot } from './repository.ts'
import { checkDocuments } from './snippet-check.ts'
import { shellCommands, snippetsOf } from './snippet-files.ts'

const fence = '```'

function block(language: string, ...lines: readonly string[]): string {
  return [`${fence}${language}`, ...lines, fence, ''].join('\n')
}

/** The problems of one document, `line message` each, checked with this repository's compiler. */
async function problemsOf(markdown: string, others: Readonly<Record<string, string>> = {}) {
  using tree = new FileTree({
    ...others,
    'docs/page.md': markdown,
    'tsconfig.base.json': JSON.stringify({
      compilerOptions: {
        strict: true,
        target: 'es2024',
        lib: ['es2024'],
        types: ['node'],
        module: 'nodenext',
        allowImportingTsExtensions: true,
      },
    }),
  })
  symlinkSync(join(repositoryRoot, 'node_modules'), join(tree.root, 'node_modules'))
  const { problems } = await checkDocuments(tree.root, ['docs/page.md'])
  return problems.map(({ file, line, message }) => `${file}:${line} ${message}`)
}

test('a document whose links lead somewhere and whose snippets are right has no problems', async () => {
  const markdown = [
    '# A page',
    'See [there](other.md#two-words), [here](#a-page), [a host](https://example.org) and `[code](no.md)`.',
    'The source is `docs/other.md`, tests are `tools/*.test.ts`.',
    '',
    '<!-- snippet: file=src/one.ts -->',
    block('ts', 'export const one: number = 1'),
    '<!-- snippet: file=src/two.ts run -->',
    block('ts', "import { one } from './one.ts'", 'console.log(one + 1)'),
    '<!-- snippet: output -->',
    block('text', '2'),
    block('ts', 'const first = 1'),
    'and then',
    '<!-- snippet: continue -->',
    block('ts', 'const second: number = first'),
    '<!-- snippet: skip shows the shape only -->',
    block('ts', 'nonsense('),
    block('sh', 'anything --at-all'),
  ].join('\n')
  assert.deepEqual(await problemsOf(markdown, { 'docs/other.md': '## Two words!\n' }), [])
})

test('a link to a missing file and one to a missing heading are found at their lines', async () => {
  const markdown =
    '# A\n\n[gone](gone.md)\n[there](other.md#nowhere)\n\n[name]: ../missing.png\n`tools/gone.ts`\n'
  assert.deepEqual(await problemsOf(markdown, { 'docs/other.md': '# Other\n' }), [
    'docs/page.md:3 the link "gone.md" leads to no file',
    'docs/page.md:4 the link "other.md#nowhere" leads to no heading',
    'docs/page.md:6 the link "../missing.png" leads to no file',
    'docs/page.md:7 there is no file tools/gone.ts',
  ])
})

test('a type error is found at the line of the document, also in a continued snippet', async () => {
  const markdown = [
    '# A',
    block('ts', 'const first = 1'),
    'text',
    '<!-- snippet: continue -->',
    block('ts', '', 'const second: string = first'),
  ].join('\n')
  const [found] = await problemsOf(markdown)
  assert.match(found ?? '', /^docs\/page\.md:10 TS2322: Type 'number' is not assignable/)
})

test('a snippet that fails when it runs is found, and one that prints something else', async () => {
  const failing = `<!-- snippet: run -->\n${block('ts', "throw new Error('boom')")}`
  const [failed] = await problemsOf(failing)
  assert.match(failed ?? '', /^docs\/page\.md:3 the snippet ended with code 1:[\s\S]*boom/)
  const wrong = `<!-- snippet: run -->\n${block('ts', 'console.log(1)')}\n<!-- snippet: output -->\n${block('text', '2')}`
  assert.deepEqual(await problemsOf(wrong), [
    'docs/page.md:3 the snippet printed\n1\ninstead of\n2',
  ])
})

test('marks that mean nothing are found instead of being ignored', () => {
  for (const mark of ['rnu', 'skip', 'continue', 'output', 'file=../../x.ts']) {
    const markdown = `<!-- snippet: ${mark} -->\n${block('ts', 'const a = 1')}`
    const { problems } = snippetsOf('docs/page.md', markdown)
    assert.deepEqual(
      problems.map(({ line }) => line),
      [3],
      mark,
    )
  }
})

test('only the marked blocks of commands are collected for the acceptance test', () => {
  const markdown = `${block('sh', 'rm everything')}<!-- snippet: shell -->\n${block('sh', 'npm ci', 'npm start')}`
  assert.deepEqual(shellCommands(markdown), [{ line: 6, text: 'npm ci\nnpm start' }])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FileTree } from '../framework/src/boundary/file-tree.fixture.ts'
import { type Exception, exceptionsFile } from './tidy/exceptions.ts'
import { RepositoryFiles } from './tidy/files.ts'
import { generateTexts } from './tidy/generated.ts'
import { type RuleName, rules } from './tidy/rules.ts'
import { checkTidy } from './tidy/tidy.ts'

type Files = Readonly<Record<string, string>>

const paragraph =
  '/** Data: rows and the transactions that change them. Not for caches. Promises durability. */\n'
const errors = [
  "import { defineError } from '../kernel/index.ts'",
  "export const dataRowMissing: ErrorDefinition<{ id: string }> = defineError('DATA_ROW_MISSING', 'not_found', {",
  '  message: ({ id }) => `row ${id} is missing`,',
  "  fix: 'Create it.',",
  '})',
  '',
].join('\n')

const clean: Files = {
  'framework/src/data/index.ts': `${paragraph}export * from './errors.ts'\nexport { readRow } from './row.ts'\n`,
  'framework/src/data/errors.ts': errors,
  'framework/src/data/row.ts': [
    "import { dataRowMissing } from './errors.ts'",
    '',
    '/** Reads a row. */',
    'export function readRow(id: string): never {',
    '  throw dataRowMissing({ id })',
    '}',
    '',
  ].join('\n'),
  'framework/src/data/row.test.ts':
    "test('a missing row is told by its id', () => assert.throws(readRow, dataRowMissing.is))\n",
  'readme.md': 'Text.\n',
}

const broken = 'const = 1\n'

/** The findings in the clean tree with these files planted in it, its generated texts up to date. */
function findingsWith(planted: Files, exceptions: readonly Exception[] = []): string[] {
  using tree = new FileTree({ ...clean, ...planted })
  const names = [...new Set([...Object.keys(clean), ...Object.keys(planted)])]
  const parsing = names.filter((name) => planted[name] !== broken)
  for (const { file, text } of generateTexts(new RepositoryFiles(tree.root, parsing))) {
    if (planted[file] === undefined) tree.write(file, text)
  }
  tree.write(exceptionsFile, JSON.stringify(exceptions))
  const { findings } = checkTidy(tree.root, names, { filesMin: 3 })
  return findings.map(({ violation: { code, file, line } }) => `${code} ${file}:${line}`)
}

test('a tidy tree has no findings', () => {
  assert.deepEqual(findingsWith({}), [])
})

test('a run that sees too few files fails', () => {
  using tree = new FileTree(clean)
  const { findings } = checkTidy(tree.root, Object.keys(clean), { filesMin: 100 })
  assert.ok(findings.some(({ rule }) => rule === 'filesFew'))
})

interface Planted {
  readonly title: string
  readonly rule: RuleName
  readonly files: Files
  /** Where it is found; in the first planted file when only a line is given. */
  readonly at: number | string
}

const lines = (count: number, line = ''): string => `${line}\n`.repeat(count)
const inRow = (text: string): Files => ({ 'framework/src/data/planted.ts': text })

const banned: readonly (readonly [string, string])[] = [
  ['the wall clock', 'export const now = Date.now()\n'],
  ['a date of now', 'export const now = new Date()\n'],
  ['the monotonic clock', 'export const now = performance.now()\n'],
  ['randomness', 'export const dice = Math.random()\n'],
  ['a timer', 'setTimeout(() => undefined, 5)\n'],
  ['a timer by its global name', 'globalThis.x = setInterval\n'],
  ['the console', "console.log('hello')\n"],
  ['the environment', 'export const home = process.env.HOME\n'],
  ['the type any', 'export const x: any = 1\n'],
  ['a double cast', 'export const x = 1 as unknown as string\n'],
  ['a non-null assertion', 'export const x = y!\n'],
  ['a default export', 'export default 1\n'],
  ['an enum', 'enum Colour { Red }\n'],
  ['a namespace', 'namespace Colours { export const red = 1 }\n'],
  ['a note of unfinished work', `// ${'TO'}${'DO'}: later\n`],
  ['a silenced type check', `// @ts-${'ignore'}\n`],
  ['a silenced lint without a reason', `// oxlint-${'disable'}-next-line no-x\n`],
]

const plants: readonly Planted[] = [
  ...banned.map(([title, text]) => ({
    title: `${title} outside its place is found`,
    rule: 'wordBanned' as const,
    files: inRow(text),
    at: 1,
  })),
  {
    title: 'a sleeping unit test is found',
    rule: 'wordBanned',
    files: {
      'framework/src/data/nap.test.ts': "test('a nap is taken now', () => setTimeout(f, 5))\n",
    },
    at: 1,
  },
  {
    title: 'a file of more than four hundred lines is found',
    rule: 'fileLong',
    files: inRow(lines(401, '// line')),
    at: 1,
  },
  {
    title: 'a function of more than seventy lines is found, closures included',
    rule: 'functionLong',
    files: inRow(`\nexport const make = () => {\n${lines(70, '  void 0')}}\n`),
    at: 2,
  },
  {
    title: 'an exported function with four parameters is found',
    rule: 'parametersMany',
    files: inRow('function own(a, b, c, d) {}\nexport function open(a, b, c, d) {}\n'),
    at: 2,
  },
  {
    title: 'a folder that says nothing is found',
    rule: 'folderName',
    files: { 'shop/utils/x.ts': '\n' },
    at: 1,
  },
  {
    title: 'a file that says nothing is found',
    rule: 'folderName',
    files: { 'shop/helpers.ts': '\n' },
    at: 1,
  },
  {
    title: 'a file name in camel case is found',
    rule: 'fileName',
    files: { 'shop/myFile.ts': '\n' },
    at: 1,
  },
  {
    title: 'a front door without an opening paragraph is found',
    rule: 'doorSilent',
    files: { 'framework/src/cache/index.ts': '/** Cache. */\n' },
    at: 1,
  },
  {
    title: 'a front door with twenty-six names is found',
    rule: 'doorWide',
    files: {
      'framework/src/cache/index.ts': `${paragraph}export { ${Array.from({ length: 26 }, (_, i) => `a${i}`).join(', ')} } from './a.ts'\n`,
    },
    at: 1,
  },
  {
    title: 'a public name without a docstring is found, also behind a re-export',
    rule: 'exportSilent',
    files: {
      'framework/src/cache/index.ts': `${paragraph}export { get } from './a.ts'\n`,
      'framework/src/cache/a.ts': "export { get } from './b.ts'\n",
      'framework/src/cache/b.ts': '// not a docstring\nexport function get(): void {}\n',
    },
    at: 'framework/src/cache/b.ts:2',
  },
  {
    title: 'a title that two tests of a folder share is found',
    rule: 'titleTwice',
    files: {
      'framework/src/data/twice.test.ts': "\ntest('a missing row is told by its id', () => {})\n",
    },
    at: 2,
  },
  {
    title: 'a title that is no sentence is found',
    rule: 'titleShort',
    files: { 'framework/src/data/short.test.ts': "it('works', () => {})\n" },
    at: 1,
  },
  {
    title: 'a code of the wrong form is found',
    rule: 'codeForm',
    files: { 'framework/src/data/errors.ts': errors.replace('DATA_ROW_MISSING', 'MISSING_ROW') },
    at: 2,
  },
  {
    title: 'an error that nobody throws is found',
    rule: 'codeUnthrown',
    files: {
      'framework/src/data/row.ts':
        "import { dataRowMissing } from './errors.ts'\n/** Reads. dataRowMissing */\nexport const readRow = (e: unknown) => dataRowMissing.is(e)\n",
    },
    at: 'framework/src/data/errors.ts:2',
  },
  {
    title: 'an error that no test names is found',
    rule: 'codeUntested',
    files: {
      'framework/src/data/row.test.ts':
        "import { dataRowMissing } from './errors.ts'\ntest('a row is read from somewhere', () => {})\n",
    },
    at: 'framework/src/data/errors.ts:2',
  },
  {
    title: 'a generated text that is not what the sources say is found',
    rule: 'generatedStale',
    files: { 'docs/reference/imports.txt': 'Something else.\n' },
    at: 1,
  },
  {
    title: 'a path of a machine in a text is found',
    rule: 'textPrivate',
    files: { 'docs/setup.md': `Run it\nin /${'home'}/someone/code.\n` },
    at: 2,
  },
  {
    title: 'the host of a package registry is found',
    rule: 'textPrivate',
    files: { 'package-lock.json': `{ "resolved": "https://${'regi'}stry.example.org/x.tgz" }\n` },
    at: 1,
  },
  {
    title: 'a file that does not parse is found',
    rule: 'unreadable',
    files: inRow(broken),
    at: 1,
  },
]

for (const { title, rule, files, at } of plants) {
  test(title, () => {
    const place = typeof at === 'string' ? at : `${Object.keys(files)[0]}:${at}`
    assert.deepEqual(findingsWith(files), [`${rules[rule].code} ${place}`])
  })
}

test('two rows with one code are found', () => {
  const second = errors.replace('dataRowMissing', 'dataRowGone').split('\n').slice(1).join('\n')
  const found = findingsWith({
    'framework/src/data/errors.ts': errors + second,
    'framework/src/data/gone.ts': 'throw dataRowGone({})\n',
    'framework/src/data/gone.test.ts':
      "test('a row that is gone is told', () => dataRowGone.is(e))\n",
  })
  assert.deepEqual(found, [`${rules.codeTwice.code} framework/src/data/errors.ts:6`])
})

test('words in texts and comments, and in the places that own them, are no findings', () => {
  const found = findingsWith({
    'framework/src/data/planted.ts':
      "// Date.now() and setTimeout\nexport const s = 'process.env Math.random any'\n",
    'framework/src/kernel/clock.ts': 'export const t = () => setTimeout(() => Date.now(), 1)\n',
    'framework/src/engines/x/real.test.ts':
      "import { spawn } from 'node:child_process'\ntest('a server starts by itself', () => setTimeout(f, 5))\n",
    'shop/topologies/peak.ts': 'export default {}\n',
    'shop/date.ts': 'export const d = (ms: number) => new Date(ms)\n',
  })
  assert.deepEqual(found, [])
})

test('a long list of tests in one suite is no long function', () => {
  const body = lines(40, "  test('x ' + 1 + ' is fine', () => {})\n")
  assert.deepEqual(findingsWith({ 'shop/a.suite.ts': `export function s() {\n${body}}\n` }), [])
})

const accepted = {
  rule: rules.fileLong.code,
  file: 'framework/src/data/planted.ts',
  reason: 'a table',
}

test('an exception accepts what it names, up to its size', () => {
  const files = inRow(lines(410, '// line'))
  assert.deepEqual(findingsWith(files, [{ ...accepted, size: 410 }]), [])
  assert.deepEqual(findingsWith(files, [{ ...accepted, size: 405 }]), [
    `${rules.fileLong.code} ${accepted.file}:1`,
  ])
})

test('an exception that is wider than needed is found, so that the list can only shrink', () => {
  const loose = [`${rules.exceptionLoose.code} ${exceptionsFile}:1`]
  assert.deepEqual(findingsWith(inRow(lines(410, '// line')), [{ ...accepted, size: 420 }]), loose)
  assert.deepEqual(findingsWith({}, [{ ...accepted, size: 1 }]), loose)
})

test('an exception of several occurrences counts them', () => {
  const exception = { rule: rules.wordBanned.code, file: accepted.file, reason: 'measured' }
  const files = inRow('Date.now()\nDate.now()\n')
  assert.deepEqual(findingsWith(files, [{ ...exception, size: 2 }]), [])
  assert.equal(findingsWith(files, [{ ...exception, size: 1 }]).length, 2)
})

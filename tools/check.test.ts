import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { FileTree } from '../framework/src/boundary/file-tree.fixture.ts'
import { checks } from './check-list.ts'
import { type Check, renderTable, runChecks } from './check-runner.ts'
import { repositoryRoot } from './repository.ts'
import { runCommand } from './run-command.ts'

const bin = (path: string): string => join(repositoryRoot, 'node_modules', path)
const timeoutMs = 60_000

function command(name: string, script: string): Check {
  return { name, promise: '', command: process.execPath, args: ['-e', script] }
}

test('a check that fails or cannot start fails the run, and says why', async () => {
  const outcomes = await runChecks(
    [
      command('fine', ''),
      command('broken', "console.log('three findings'); process.exitCode = 1"),
      { name: 'missing', promise: '', command: '/nowhere/checker', args: [] },
    ],
    { root: repositoryRoot, concurrency: 2 },
  )
  assert.deepEqual(
    outcomes.map(({ name, ok }) => `${name} ${ok}`),
    ['fine true', 'broken false', 'missing false'],
  )
  assert.match(outcomes[1]?.output ?? '', /three findings/)
  assert.match(outcomes[2]?.output ?? '', /ENOENT/)
  assert.match(renderTable(outcomes, 1_000), /broken .* FAILED\n[\s\S]*2 of 3 checks failed/)
})

test('a command that does not end is killed in time', async () => {
  const result = await runCommand(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
    cwd: repositoryRoot,
    timeoutMs: 300,
  })
  assert.equal(result.timedOut, true)
  assert.equal(result.code, undefined)
})

test('npm run check holds all that the issue asks for', () => {
  assert.deepEqual(checks.map(({ name }) => name).sort(), [
    'boundary',
    'declarations',
    'docs',
    'format',
    'lint',
    'tidy',
    'types',
  ])
})

const careless = `
enum Never { A }
type Kind = 'a' | 'b'
async function work(): Promise<number> {
  return 1
}
export async function careless(kind: Kind, value: any, maybe?: string): Promise<void> {
  work()
  if (work()) throw 'text'
  await 1
  console.log(value, maybe!.length, Never.A)
  switch (kind) {
    case 'a':
      break
  }
}
`

test('the linter finds floating promises and their like, in tests as in sources', async () => {
  const rules = [
    ...['no-floating-promises', 'no-misused-promises', 'only-throw-error', 'await-thenable'],
    ...['no-explicit-any', 'no-non-null-assertion', 'switch-exhaustiveness-check'],
  ]
  for (const file of ['careless.ts', 'careless.test.ts']) {
    using tree = new FileTree({
      [file]: careless,
      'tsconfig.json': '{ "compilerOptions": { "strict": true, "target": "es2024" } }',
    })
    const config = join(repositoryRoot, '.oxlintrc.json')
    const args = [bin('oxlint/bin/oxlint'), '--type-aware', '-c', config, '.']
    const result = await runCommand(process.execPath, args, { cwd: tree.root, timeoutMs })
    for (const rule of rules) assert.match(result.output, new RegExp(`\\(${rule}\\)`), file)
    assert.equal(result.code, 1)
  }
})

test('the linter lets tests be declared without awaiting them', async () => {
  using tree = new FileTree({
    'fine.test.ts': "import { test } from 'node:test'\ntest('a thing is so', async () => {})\n",
    'tsconfig.json': JSON.stringify({
      compilerOptions: {
        strict: true,
        types: ['node'],
        typeRoots: [bin('@types')],
        module: 'nodenext',
      },
    }),
  })
  const config = join(repositoryRoot, '.oxlintrc.json')
  const args = [bin('oxlint/bin/oxlint'), '--type-aware', '--deny-warnings', '-c', config, '.']
  const result = await runCommand(process.execPath, args, { cwd: tree.root, timeoutMs })
  assert.equal(result.code, 0, result.output)
})

test('the formatter finds a line that it would change', async () => {
  const format = async (text: string): Promise<number | undefined> => {
    using tree = new FileTree({ 'a.ts': text })
    const config = `--config-path=${join(repositoryRoot, 'biome.json')}`
    const args = [bin('@biomejs/biome/bin/biome'), 'format', config, '.']
    return (await runCommand(process.execPath, args, { cwd: tree.root, timeoutMs })).code
  }
  assert.equal(await format("export const a = 'b'\n"), 0)
  assert.equal(await format('export const a = "b";\n'), 1)
})

test('the compiler’s strictest options are on for everybody', async () => {
  using tree = new FileTree({
    'a.ts': [
      'export const first = [1][0]',
      'export const sum: number = first',
      'export enum Colour { Red }',
      'export function f(unused: number): void {}',
    ].join('\n'),
    'tsconfig.json': JSON.stringify({
      extends: join(repositoryRoot, 'tsconfig.base.json'),
      compilerOptions: { noEmit: true, types: [] },
    }),
    'package.json': '{ "type": "module" }',
  })
  const args = [bin('typescript/bin/tsc'), '-p', tree.root]
  const { output } = await runCommand(process.execPath, args, { cwd: tree.root, timeoutMs })
  for (const line of [2, 3, 4]) assert.match(output, new RegExp(`a\\.ts\\(${line},`))
})

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { FileTree } from '../framework/src/boundary/file-tree.fixture.ts'
import { listFiles, repositoryRoot } from './repository.ts'
import { runCommand } from './run-command.ts'

const probe = fileURLToPath(new URL('./silent-import-probe.ts', import.meta.url))

/** What importing each file does besides declaring; files that do nothing are left out. The permission
 *  model refuses what a probe cannot see: writing files, starting processes and workers. */
async function effectsOf(files: readonly string[]): Promise<Record<string, string[]>> {
  const result = await runCommand(
    process.execPath,
    [
      ...['--conditions=source', '--disable-warning=ExperimentalWarning', '--no-warnings'],
      ...['--permission', '--allow-fs-read=*', '--allow-addons', probe, ...files],
    ],
    { cwd: repositoryRoot, timeoutMs: 60_000 },
  )
  assert.equal(result.code, 0, result.output)
  const [last = '{}'] = result.output.trim().split('\n').slice(-1)
  return JSON.parse(last) as Record<string, string[]>
}

/** Programs, which begin when they are started, and what only tests load. */
const isLibrary = (file: string): boolean =>
  /^framework\/src\/.*\.ts$/.test(file) &&
  !/(?:\.(?:test|types|fixture|suite|bench|drill)|\/main|-worker)\.ts$/.test(file)

test('importing any file of the framework does nothing but declare', async () => {
  const files = listFiles(repositoryRoot).filter(isLibrary)
  assert.ok(files.length >= 40, `saw only ${files.length} files`)
  assert.deepEqual(await effectsOf(files.map((file) => join(repositoryRoot, file))), {})
})

test('importing a module of the shop does nothing but declare', async () => {
  const files = listFiles(repositoryRoot).filter((file) =>
    /^shop\/src\/[^/]+\/module\.ts$/.test(file),
  )
  assert.ok(files.length > 0)
  assert.deepEqual(await effectsOf(files.map((file) => join(repositoryRoot, file))), {})
})

const noisy: readonly (readonly [string, string, RegExp])[] = [
  ['a timer', 'setInterval(() => {}, 1000)', /keeps Timeout open/],
  [
    'a server',
    "import { createServer } from 'node:net'\ncreateServer().listen(0, '127.0.0.1')",
    /keeps TCPServerWrap open/,
  ],
  ['a global', 'globalThis.banyan = 1', /sets the global banyan/],
  ['a listener of the process', "process.on('SIGTERM', () => {})", /listens to process SIGTERM/],
  ['a variable of the environment', "process.env['BANYAN_X'] = '1'", /changes BANYAN_X=1/],
  [
    'a file that is read',
    "import { readFileSync } from 'node:fs'\nreadFileSync(import.meta.filename)",
    /calls readFileSync/,
  ],
  [
    'a file that is written',
    "import { writeFileSync } from 'node:fs'\nwriteFileSync('banyan.tmp', '')",
    /cannot be imported/,
  ],
  ['a process', "import { spawn } from 'node:child_process'\nspawn('true')", /cannot be imported/],
]

test('whatever a file does when it is imported is found', async () => {
  for (const [title, text, expected] of noisy) {
    using tree = new FileTree({ 'noisy.mts': `${text}\nexport {}\n` })
    const file = join(tree.root, 'noisy.mts')
    const effects = await effectsOf([file])
    assert.match(effects[file]?.join('\n') ?? '', expected, title)
  }
})

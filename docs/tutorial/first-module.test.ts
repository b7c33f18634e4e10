import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '../..')
/** Below the repository, so that the packages of its workspaces are found. */
const folder = join(root, '.cache/tutorial/vouchers')

/** Writes the application that a reader of the tutorial has at its end. */
function writeApplication(): void {
  rmSync(folder, { recursive: true, force: true })
  const text = readFileSync(join(import.meta.dirname, 'first-module.md'), 'utf8')
  const blocks = text.matchAll(/<!-- snippet: file=(\S+) -->\n```\w+\n([\s\S]*?)```\n/g)
  for (const [, file = '', content = ''] of blocks) {
    const path = join(folder, file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
  }
}

function run(args: readonly string[]): { readonly code: number | null; readonly output: string } {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const options = ['--conditions=source', '--disable-warning=ExperimentalWarning']
  const { status, stdout, stderr } = spawnSync(process.execPath, [...options, ...args], {
    cwd: root,
    env,
    encoding: 'utf8',
    timeout: 60_000,
  })
  return { code: status, output: stdout + stderr }
}

const check = (): ReturnType<typeof run> => run(['framework/src/cli/main.ts', 'check', folder])

test('the application of the tutorial passes its tests, and its violation is found and mended', () => {
  writeApplication()
  const tested = run(['--test', join(folder, 'src/vouchers/vouchers.test.ts')])
  assert.equal(tested.code, 0, tested.output)
  assert.match(tested.output, /pass 4\b/)
  const module = join(folder, 'src/gifts/module.ts')
  const mended = join(folder, 'src/gifts/module-mended.ts')
  const draft = join(folder, '..', 'module-mended.ts')
  renameSync(mended, draft)
  const found = check()
  assert.equal(found.code, 1, found.output)
  assert.match(found.output, /BOUNDARY_IMPORT_FOREIGN.*\n {2}src\/gifts\/module\.ts:2:32/)
  cpSync(draft, module)
  const content = check()
  assert.equal(content.code, 0, content.output)
})

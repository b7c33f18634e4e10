import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FileTree } from '../framework/src/boundary/file-tree.fixture.ts'
import { type FileOutcome, runTestFile } from './test-file.ts'
import { summarise } from './test-summary.ts'
import { findTestFiles, planRuns } from './test.ts'

const head = "import { test, describe } from 'node:test'\n"

async function outcomeOf(body: string, timeoutMs = 20_000): Promise<FileOutcome> {
  using tree = new FileTree({ 'a.test.mts': head + body })
  return await runTestFile('a.test.mts', { root: tree.root, timeoutMs })
}

test('passing, failing and skipped tests of a file are told apart, each once', async () => {
  const outcome = await outcomeOf(`
    test('passes', () => {})
    describe('a group', () => {
      test('fails', () => { throw new Error('boom') })
      test('is left out', { skip: 'no engine' }, () => {})
    })
    test('gives up', (t) => t.skip('not today'))
  `)
  assert.deepEqual(
    outcome.tests.map(({ name, outcome: result }) => `${result}: ${name}`),
    [
      'passed: passes',
      'failed: a group › fails',
      'skipped: a group › is left out',
      'skipped: gives up',
    ],
  )
  const verdict = summarise([outcome], false)
  assert.equal(verdict.ok, false)
  assert.match(verdict.text, /✗ a\.test\.mts:\d+ a group › fails\n +Error: boom/)
  assert.match(verdict.text, /2 tests were NOT run\n +SKIPPED .*is left out\n +because: no engine/)
  assert.match(verdict.text, /1 passed, 1 failed, 2 skipped$/)
})

test('a skip fails the run where engines are required, and only there', async () => {
  const outcome = await outcomeOf("test('is left out', { skip: 'no engine' }, () => {})")
  assert.equal(summarise([outcome], false).ok, true)
  assert.equal(summarise([outcome], true).ok, false)
})

test('a test that says what was not tried, by its title, is repeated and fails nothing', async () => {
  const outcome = await outcomeOf("test('NOT RUN: brokers of yours', () => {})")
  const verdict = summarise([outcome], true)
  assert.equal(verdict.ok, true)
  assert.match(verdict.text, /── needs something of yours\n {2}NOT RUN: brokers of yours\n/)
})

test('a file that crashes, holds no test or never ends has failed', async () => {
  const crash = await outcomeOf("throw new Error('at import')")
  assert.match(crash.problem, /ended with code 1[\s\S]*at import/)
  const empty = await outcomeOf('')
  assert.equal(empty.problem, 'holds no test')
  const hanging = await outcomeOf("test('passes', () => {}); setInterval(() => {}, 1000)", 2_000)
  assert.match(hanging.problem, /did not end within 2000 ms/)
  for (const outcome of [crash, empty, hanging]) assert.equal(summarise([outcome], false).ok, false)
})

test('a process that a test leaves behind ends with its file', async () => {
  const outcome = await outcomeOf(`
    import { spawn } from 'node:child_process'
    test('starts a process and forgets it', () => {
      const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
      child.unref()
      console.log('child ' + child.pid)
    })
  `)
  const pid = Number(/child (\d+)/.exec(outcome.output)?.[1])
  assert.ok(pid > 0)
  await assert.doesNotReject(gone(pid))
})

/** Resolves when no live process has this id; a dead one may stay in the table until it is reaped. */
async function gone(pid: number): Promise<void> {
  const { readFileSync } = await import('node:fs')
  for (let attempt = 0; attempt < 100; attempt++) {
    try {
      const state = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0]
      if (state === 'Z' || state === 'X') return
    } catch {
      return
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`process ${pid} is still alive`)
}

test('test files are found beside the sources and narrowed by path or glob', () => {
  const files = [
    ...['framework/src/data/row.test.ts', 'shop/src/cart/cart.test.ts', 'tools/tidy.test.ts'],
    ...['bench/peers/nest/app.test.ts', 'shop/peak.drill.ts', 'framework/src/data/row.ts'],
  ]
  assert.deepEqual(findTestFiles(files, []), files.slice(0, 3))
  assert.deepEqual(findTestFiles(files, ['src/data']), files.slice(0, 1))
  assert.deepEqual(findTestFiles(files, ['shop/**/cart*']), files.slice(1, 2))
  assert.deepEqual(findTestFiles(files, ['nowhere']), [])
})

test('a run of no files at all is no success', () => {
  assert.equal(summarise([], false).ok, false)
})

test('tests that start the shop run again under other runners, one also under placements', () => {
  const orders = 'shop/src/orders/orders.test.ts'
  const texts: Record<string, string> = {
    'shop/a.test.ts': 'await using shop = await testApplication(…)',
    'shop/b.test.ts': 'assert.equal(1, 1)',
    'framework/c.test.ts': 'testApplication',
    [orders]: 'openTestShop',
  }
  const runs = planRuns(Object.keys(texts), (file) => texts[file] ?? '')
  assert.deepEqual(
    runs.map(({ file, runner, services = '' }) => `${file} ${runner} ${services}`.trimEnd()),
    [
      ...['inline', 'wire', 'split'].map((runner) => `shop/a.test.ts ${runner}`),
      'shop/b.test.ts inline',
      'framework/c.test.ts inline',
      ...['inline', 'wire', 'split'].map((runner) => `${orders} ${runner}`),
      ...['#3', '#7', '#9'].map((services) => `${orders} split ${services}`),
    ],
  )
})

test('a runner and a placement reach the file that runs under them, and its name', async () => {
  using tree = new FileTree({
    'a.test.mts': `${head}test('x', () => console.log(process.env.TEST_RUNNER, process.env.TEST_SERVICES))`,
  })
  const options = { root: tree.root, timeoutMs: 20_000 }
  const outcome = await runTestFile('a.test.mts', { ...options, runner: 'split', services: '#4' })
  assert.match(outcome.output, /split #4/)
  assert.equal(outcome.file, 'a.test.mts [split #4]')
})

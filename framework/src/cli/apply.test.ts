import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { banyan, Command } from './command.fixture.ts'
import type { ProjectFolder } from './project.fixture.ts'
import { haproxy, libraryProject, Up } from './up.fixture.ts'

let project: ProjectFolder
before(() => {
  project = libraryProject()
})
after(() => project[Symbol.dispose]())

test('apply tells the difference, moves, says what it did, and goes back', async () => {
  await using up = new Up(project, 'one')
  await up.serving()
  const none = await banyan(['apply', '--back', project.root])
  assert.match(none.stderr, /^CLUSTER_PREVIOUS_MISSING/)
  const applied = await banyan(['apply', up.file('two')])
  assert.equal(applied.exitCode, 0, applied.stderr)
  assert.match(applied.stdout, /one → two[^]*source changes needed: 0 files/)
  assert.match(
    applied.stdout,
    /books-1-g2 is ready[^]*app-1-g1 stopped[^]*two runs, after .*: 2 started, 1 stopped, 1 kept/,
  )
  const again = await banyan(['apply', up.file('two'), '--json'])
  assert.equal(again.stdout.trim().split('\n').length, 1, 'there is nothing to do')
  assert.deepEqual(Object.keys(await up.pids()), ['postgres', 'edge-1-g2', 'books-1-g2'])
  const back = await banyan(['apply', '--back', project.root])
  assert.equal(back.exitCode, 0, back.stderr)
  assert.deepEqual(Object.keys(await up.pids()), ['postgres', 'app-1-g3'])
  assert.equal(await up.stop(), 0)
  await up.assertNothingLeft(0)
})

test('restart replaces instances one by one, with the code as it is now', async () => {
  await using up = new Up(project, 'wide')
  const url = await up.serving()
  project.edit('src/shelf/module.ts', 'return row', "return { ...row, title: 'Branches' }")
  const restarted = await banyan(['restart', 'books', project.root])
  assert.match(
    restarted.stdout,
    /books-1-g\d+ is ready[^]*books-1-g\d+ stopped[^]*books-2-g\d+ is ready[^]*books-2-g\d+ stopped/,
  )
  const answer = (await (await fetch(`${url}/books/seed-1`)).json()) as { title: string }
  assert.equal(answer.title, 'Branches')
  project.edit('src/shelf/module.ts', "return { ...row, title: 'Branches' }", 'return row')
  const unknown = await banyan(['restart', 'boks', project.root])
  assert.match(unknown.stderr, /^CLUSTER_TARGET_UNKNOWN[^]*edge, books/)
})

test('attach shows what happens, and its end ends nothing', async () => {
  await using up = new Up(project, 'one')
  const url = await up.serving()
  await using attached = new Command(['attach', project.root])
  await attached.see(/attached; what happens now is shown/)
  await fetch(`${url}/books/seed-1`)
  await attached.see(/app-1-g\d+ +│ GET \/books\/seed-1 200/)
  attached.signal('SIGINT')
  assert.equal((await attached.ended).exitCode, 0)
  assert.equal((await fetch(`${url}/books/seed-1`)).status, 200)
})

test('a gateway comes and goes under requests, none of which fails', haproxy, async () => {
  using project = libraryProject(24_519)
  await using up = new Up(project, 'one')
  const url = await up.serving()
  let isDone = false
  const failures: string[] = []
  let served = 0
  const asking = (async () => {
    while (!isDone) {
      await fetch(`${url}/books/seed-1`).then(
        async (response) => {
          const text = await response.text()
          if (response.status === 200) served++
          else failures.push(text)
        },
        (error: unknown) => void failures.push(String(error)),
      )
      await new Promise<void>((resolve) => void setTimeout(resolve, 10))
    }
  })()
  for (const topology of ['fronted', 'one']) {
    const { exitCode, stderr } = await banyan(['apply', up.file(topology)])
    assert.equal(exitCode, 0, stderr)
  }
  isDone = true
  await asking
  assert.deepEqual(failures, [])
  assert.ok(served > 50)
  assert.deepEqual(Object.keys(await up.pids()), ['postgres', 'app-1-g3'])
  assert.equal(await up.stop(), 0)
  await up.assertNothingLeft(1_000)
})

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { banyan } from './command.fixture.ts'
import type { ProjectFolder } from './project.fixture.ts'
import { libraryProject, Up } from './up.fixture.ts'

let project: ProjectFolder
before(() => {
  project = libraryProject()
})
after(() => project[Symbol.dispose]())

const book = (url: string): Promise<Response> => fetch(`${url}/books/seed-1`)

/** Asks until the answer is 200, at most 5 s. */
async function served(url: string): Promise<boolean> {
  const endMs = performance.now() + 5_000
  while (performance.now() < endMs) {
    const response = await book(url).catch(() => undefined)
    if (response?.status === 200) return true
    await new Promise<void>((resolve) => void setTimeout(resolve, 50))
  }
  return false
}

test('every process that is killed comes back, the database too, and requests are served again', async () => {
  await using up = new Up(project, 'two')
  const url = await up.serving()
  for (const name of ['books-1', 'postgres', 'edge-1']) {
    const pids = await up.pids()
    const [, pid = 0] = Object.entries(pids).find(([id]) => id.startsWith(name)) ?? []
    up.command.forget()
    process.kill(pid, 'SIGKILL')
    await up.command.see(new RegExp(`${name}\\S* is ready in`))
    const { rows } = await up.ps()
    const edge = rows.find(({ service }) => service === 'edge')
    assert.equal(await served(edge?.url ?? url), true, `after ${name}`)
  }
  assert.equal(await up.stop(), 0)
  await up.assertNothingLeft(0)
})

test('a killed supervisor is missed by nobody: the next takes over every process, the database too', async () => {
  await using first = new Up(project, 'two')
  const url = await first.serving()
  const before = await first.pids()
  first.command.signal('SIGKILL')
  await first.command.ended
  assert.equal((await book(url)).status, 200)
  const { supervisor, rows } = await first.ps()
  assert.deepEqual(
    [supervisor, rows.map(({ state }) => state)],
    [undefined, ['unwatched', 'unwatched', 'unwatched']],
  )
  await using second = new Up(project, 'two')
  await second.command.see(/library ran on, and is supervised again/)
  assert.deepEqual(await second.pids(), before)
  const third = await banyan(['up', second.file('two')])
  assert.equal(third.exitCode, 69)
  assert.match(third.stderr, /^CLUSTER_ALREADY_RUNNING {2}process \d+ already supervises/)
  assert.equal((await book(url)).status, 200)
  assert.equal(await second.stop(), 0)
  await second.assertNothingLeft(0)
})

test('without a supervisor everything ends in order after the grace, the database last', async () => {
  await using up = new Up(project, 'two', '--grace', '2s')
  await up.serving()
  up.command.signal('SIGKILL')
  await up.command.ended
  await up.assertNothingLeft(8_000)
  assert.equal((await banyan(['ps', project.root])).exitCode, 69)
})

test('down ends what a killed supervisor left', async () => {
  await using up = new Up(project, 'two')
  await up.serving()
  up.command.signal('SIGKILL')
  await up.command.ended
  const down = await banyan(['down', project.root])
  assert.match(down.stdout, /books-1-g\d+ stopped[^]*postgres stopped/)
  await up.assertNothingLeft(0)
  assert.match((await banyan(['down', project.root])).stdout, /nothing runs/)
})

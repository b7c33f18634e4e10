import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { banyan } from './command.fixture.ts'
import { libraryProject, Up } from './up.fixture.ts'

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

test('services of a topology serve seeded data; one log shows all; Ctrl-C leaves nothing', async () => {
  using project = libraryProject()
  await using up = new Up(project, 'two')
  const url = await up.serving()
  assert.equal((await book(url)).status, 200, 'edge calls books')
  await up.command.see(/edge-1-g1 +│ GET \/books\/seed-1 200/)
  assert.match(up.command.stdout, /postgres +│ starting the server/)
  assert.match(up.command.stdout, /library is up in [^]*services {3}edge ×1 {2}books ×1/)
  const { rows, topology } = await up.ps()
  assert.equal(topology, 'two')
  assert.deepEqual(
    rows.map(({ id, state, modules }) => [id, state, modules]),
    [
      ['postgres', 'ready', []],
      ['edge-1-g1', 'ready', []],
      ['books-1-g1', 'ready', ['shelf']],
    ],
  )
  const shown = await banyan(['ps', project.root])
  assert.match(
    shown.stdout,
    /^library, topology two, supervised by process \d+\n\nID +PROCESS +STATE/,
  )
  const called = await banyan(['call', 'shelf.book', '{"isbn":"seed-1"}', project.root])
  assert.match(called.stdout, /Roots/)
  assert.equal(await up.stop(), 0)
  await up.assertNothingLeft(0)
})

test('every process that is killed comes back, the database too, and requests are served again', async () => {
  using project = libraryProject()
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
  using project = libraryProject()
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
  using project = libraryProject()
  await using up = new Up(project, 'two', '--grace', '1s')
  await up.serving()
  up.command.signal('SIGKILL')
  await up.command.ended
  await up.assertNothingLeft(8_000)
  assert.equal((await banyan(['ps', project.root])).exitCode, 69)
})

test('down ends what a killed supervisor left', async () => {
  using project = libraryProject()
  await using up = new Up(project, 'two')
  await up.serving()
  up.command.signal('SIGKILL')
  await up.command.ended
  const down = await banyan(['down', project.root])
  assert.match(down.stdout, /books-1-g1 stopped[^]*postgres stopped/)
  await up.assertNothingLeft(0)
  assert.match((await banyan(['down', project.root])).stdout, /nothing runs/)
})

test('what is wrong with a topology or an application is told before anything starts', async () => {
  using project = libraryProject()
  const broken = await banyan(['up', path.join(project.root, 'topologies/broken.ts')])
  assert.equal(broken.exitCode, 78)
  assert.match(broken.stderr, /TOPOLOGY_INVALID[^]*shelf/)
  project.write('src/shelf/sql/0002-broken.sql', 'create tabel shelves ();\n')
  const migrating = await banyan(['up', path.join(project.root, 'topologies/two.ts')])
  assert.equal(migrating.exitCode, 78)
  assert.match(migrating.stderr, /^DATA_MIGRATION_FAILED/)
  assert.doesNotMatch(migrating.stdout, /edge-1/)
})

test('with --json every line is an object: events have a type, lines of processes an instance', async () => {
  using project = libraryProject()
  await using up = new Up(project, 'one', '--json')
  const [, url = ''] = await up.command.see(/"type":"serving".*"urls":\["(http[^"]+)"/)
  await book(url)
  await up.command.see(/"msg":"request"/)
  assert.equal(await up.stop(), 0)
  const lines = up.command.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  assert.ok(lines.every((line) => 'type' in line || 'instance' in line))
  assert.ok(lines.some((line) => line['msg'] === 'request' && line['instance'] === 'app-1-g1'))
})

test('a command that is for the supervisor says so', async () => {
  for (const words of [
    ['instance', 'x-1-g1'],
    ['keep', 'postgres'],
    ['prepare', 'database'],
  ]) {
    const { exitCode, stderr } = await banyan(words)
    assert.equal(exitCode, 78)
    assert.match(stderr, /^CLUSTER_REQUEST_REFUSED .* not for people/)
  }
})

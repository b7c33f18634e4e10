import assert from 'node:assert/strict'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { banyan } from './command.fixture.ts'
import type { ProjectFolder } from './project.fixture.ts'
import { libraryProject, placeOf, Up } from './up.fixture.ts'

let project: ProjectFolder
before(() => {
  project = libraryProject()
})
after(() => project[Symbol.dispose]())

const book = (url: string): Promise<Response> => fetch(`${url}/books/seed-1`)

test('services of a topology serve seeded data; one log shows all; Ctrl-C leaves nothing', async () => {
  await using up = new Up(project, 'two')
  const url = await up.serving()
  assert.equal((await book(url)).status, 200, 'edge calls books')
  await up.command.see(/edge-1-g\d+ +│ GET \/books\/seed-1 200/)
  assert.match(up.command.stdout, /postgres +│ starting the server/)
  assert.match(up.command.stdout, /library is up in [^]*services {3}edge ×1 {2}books ×1/)
  const { rows, topology } = await up.ps()
  assert.equal(topology, 'two')
  assert.deepEqual(
    rows.map(({ id, state, modules }) => [placeOf(id), state, modules]),
    [
      ['postgres', 'ready', []],
      ['edge-1', 'ready', []],
      ['books-1', 'ready', ['shelf']],
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
  assert.ok(
    lines.some(
      (line) => line['msg'] === 'request' && placeOf(String(line['instance'])) === 'app-1',
    ),
  )
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

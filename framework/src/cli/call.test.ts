import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import { banyan, Command, type CommandOptions, type Ended } from './command.fixture.ts'
import { ProjectFolder } from './project.fixture.ts'

const book = '{"isbn":"b-1","title":"Leaves","copies":"1234567890123456789"}'

let project: ProjectFolder
before(() => {
  project = new ProjectFolder()
})
after(() => project[Symbol.dispose]())

function call(args: readonly string[], options: CommandOptions = {}): Promise<Ended> {
  const [operation = '', input = '{}', ...flags] = args
  return banyan(['call', operation, input, project.root, ...flags], options)
}

test('without anything running, an operation runs in this process as the operator', async () => {
  const { exitCode, stdout, stderr } = await call([
    'shelf.add',
    '{"isbn":"a-1","title":"A","copies":"7"}',
  ])
  assert.equal(exitCode, 0, stderr)
  assert.deepEqual(JSON.parse(stdout), { isbn: 'a-1', title: 'A', copies: '7' })
  const counted = await call(['shelf.count', '{}', '--json'])
  assert.equal(counted.stdout, '{"count":1}\n')
})

test('a declared failure is written with code and details, and ends with 1', async () => {
  const { exitCode, stdout, stderr } = await call(['shelf.book', '{"isbn":"none"}'])
  assert.deepEqual([exitCode, stdout], [1, ''])
  assert.match(stderr, /^SHELF_UNKNOWN_BOOK .*\n {2}with {2}\{"isbn":"none"\}/)
})

test('an invalid input names the field and ends with 1', async () => {
  const { exitCode, stderr } = await call(['shelf.book', '{"isbn":7}'])
  assert.equal(exitCode, 1)
  assert.match(stderr, /^CALL_INPUT_INVALID .*isbn/)
})

test('a subject without the role is refused, in this process as well', async () => {
  const { exitCode, stderr } = await call(['shelf.add', book, '--as', 'rita', '--roles', 'reader'])
  assert.equal(exitCode, 1)
  assert.match(stderr, /^CALL_FORBIDDEN/)
})

test('an unknown operation is answered with the nearest one and exit code 2', async () => {
  const { exitCode, stderr } = await call(['shelf.boook'])
  assert.equal(exitCode, 2)
  assert.match(stderr, /^CLI_OPERATION_UNKNOWN[^\n]*\n {2}fix {3}Did you mean shelf\.book\?/)
})

test('input that is no JSON object is a usage error', async () => {
  for (const input of ['{', '[1]']) {
    const { exitCode, stderr } = await call(['shelf.book', input])
    assert.equal(exitCode, 2)
    assert.match(stderr, /^CLI_INPUT_MALFORMED/)
  }
})

test('a timeout that is no duration is a usage error', async () => {
  const { exitCode, stderr } = await call(['shelf.book', '{}', '--timeout', 'soon'])
  assert.equal(exitCode, 2)
  assert.match(stderr, /"soon" is not a duration/)
})

test('over HTTP the answers are the same, with a token of the folder', async () => {
  await using server = new Command(['start', project.root, '--port', '0'])
  const [, url = ''] = await server.see(/"url":"(http[^"]+)"/)
  const added = await call(['shelf.add', book, '--url', url, '--key', 'one'])
  assert.equal(added.exitCode, 0, added.stderr)
  const again = await call(['shelf.add', book, '--url', url, '--key', 'one'])
  assert.equal(again.stdout, added.stdout)
  const found = await call(['shelf.book', '{"isbn":"b-1"}', '--url', url, '--json'])
  assert.deepEqual(JSON.parse(found.stdout), JSON.parse(book))
  const missing = await call(['shelf.book', '{"isbn":"none"}', '--url', url])
  assert.equal(missing.exitCode, 1)
  assert.match(
    missing.stderr,
    /^SHELF_UNKNOWN_BOOK .*\n {2}with {2}\{"isbn":"none"\}\n {2}trace [0-9a-f]{32}/,
  )
  const refused = await call(['shelf.add', book, '--url', url, '--as', 'rita', '--roles', 'reader'])
  assert.match(refused.stderr, /^CALL_FORBIDDEN/)
  const stranger = await call(['shelf.add', book, '--url', url], {
    env: { BANYAN_TOKEN_SECRET: 'another secret that this instance does not know' },
  })
  assert.match(stranger.stderr, /^IDENTITY_TOKEN_INVALID/)
  const internal = await call(['shelf.count', '{}', '--url', url])
  assert.equal(internal.exitCode, 78)
  assert.match(internal.stderr, /^CLI_OPERATION_CLOSED/)
})

test('an address that nobody answers is a coded error with exit code 69', async () => {
  const { exitCode, stderr } = await call([
    'shelf.book',
    '{"isbn":"x"}',
    '--url',
    'http://127.0.0.1:1',
  ])
  assert.equal(exitCode, 69)
  assert.match(stderr, /^CLI_INSTANCE_UNREACHABLE/)
})

test('an address that is no Banyan application is told so', async () => {
  const server = createServer((_request, response) => response.writeHead(502).end('<html>'))
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  const { exitCode, stderr } = await call([
    'shelf.book',
    '{"isbn":"x"}',
    '--url',
    `http://127.0.0.1:${port}`,
  ])
  server.close()
  assert.equal(exitCode, 69)
  assert.match(stderr, /^CLI_ANSWER_FOREIGN .*502/)
})

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { banyan, Command, waitUntilAlone } from './command.fixture.ts'
import { ProjectFolder } from './project.fixture.ts'

let project: ProjectFolder
before(() => {
  project = new ProjectFolder()
})
after(() => project[Symbol.dispose]())

const noWait = { BANYAN_DRAIN_NOTICE: '0ms' }
const deadUrl = 'postgres://nobody@127.0.0.1:1/nothing'

async function started(env: Readonly<Record<string, string>> = noWait, ...flags: string[]) {
  const command = new Command(['start', project.root, '--port', '0', ...flags], { env })
  const [, url = ''] = await command.see(/"url":"(http[^"]+)"[^\n]*"msg":"listening"/)
  return { command, url }
}

/** The lines of a log, parsed. */
function linesOf(stdout: string): readonly Readonly<Record<string, unknown>>[] {
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

test('start serves, and at SIGTERM stops in order with exit code 0, leaving nothing', async () => {
  const { command, url } = await started(noWait, '--seed')
  await using _ = command
  const response = await fetch(`${url}/books/seed-1`)
  assert.deepEqual(await response.json(), { isbn: 'seed-1', title: 'Roots', copies: '3' })
  command.signal('SIGTERM')
  const { exitCode, stdout, stderr } = await command.ended
  assert.deepEqual([exitCode, stderr], [0, ''])
  const lines = linesOf(stdout)
  assert.equal(lines.filter(({ msg }) => msg === 'listening').length, 1)
  assert.ok(lines.every(({ level, time }) => typeof level === 'number' && typeof time === 'number'))
  assert.deepEqual(await waitUntilAlone(project.root, 2_000), [])
  assert.equal(existsSync(path.join(project.stateFolder, 'postgres', 'lock')), false)
})

test('start does not seed unless it is asked to', async () => {
  project.edit('src/shelf/module.ts', "'seed-1'", "'seed-2'")
  const { command, url } = await started()
  await using _ = command
  assert.equal((await fetch(`${url}/books/seed-2`)).status, 404)
  command.signal('SIGINT')
  assert.equal((await command.ended).exitCode, 0)
})

test('while it drains it is unready and still serves, and a second signal ends it at once', async () => {
  const { command, url } = await started({ BANYAN_DRAIN_NOTICE: '20s' })
  await using _ = command
  command.signal('SIGTERM')
  await new Promise<void>((resolve) => void setTimeout(resolve, 600))
  assert.equal((await fetch(`${url}/readyz`)).status, 503)
  assert.equal((await fetch(`${url}/books/none`)).status, 404)
  const beganMs = performance.now()
  command.signal('SIGTERM')
  assert.equal((await command.ended).exitCode, 130)
  assert.ok(performance.now() - beganMs < 1_000)
  assert.deepEqual(await waitUntilAlone(project.root, 5_000), [])
})

test('what nobody caught is logged as fatal with its code, and ends the process with 70', async () => {
  const { command, url } = await started()
  await using _ = command
  await fetch(`${url}/crash`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  }).catch(() => {})
  const { exitCode, stdout } = await command.ended
  assert.equal(exitCode, 70)
  const fatal = linesOf(stdout).find(({ level }) => level === 60)
  assert.equal(fatal?.['code'], 'KERNEL_BUG')
  assert.match(String(fatal?.['msg']), /a book fell down/)
  assert.deepEqual(await waitUntilAlone(project.root, 5_000), [])
})

test('a taken port is a coded error with exit code 69, and leaves nothing', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? String(address?.port) : ''
  const { exitCode, stderr } = await banyan(['start', project.root, '--port', port])
  server.close()
  assert.equal(exitCode, 69)
  assert.match(stderr, new RegExp(`^HTTP_LISTEN_FAILED .*${port}[^]*fix`))
  assert.deepEqual(await waitUntilAlone(project.root, 2_000), [])
})

test('a dead DATABASE_URL is a coded error within seconds', async () => {
  const beganMs = performance.now()
  const { exitCode, stderr } = await banyan(['start', project.root], {
    env: { DATABASE_URL: deadUrl },
  })
  assert.equal(exitCode, 69)
  assert.match(stderr, /^DATA_UNAVAILABLE .*127\.0\.0\.1:1/)
  assert.ok(performance.now() - beganMs < 8_000)
})

test('an application without tables needs no database', async () => {
  using plain = new ProjectFolder()
  plain.edit('src/shelf/module.ts', 'tables: tables<Rows>', 'seed: undefined as never, // ')
  plain.write(
    'src/shelf/module.ts',
    `import { module } from 'banyan/module'
import { shelf } from './contract.ts'

export const shelfModule = module(shelf, {
  handlers: {
    book: ({ isbn }) => ({ isbn, title: 'Roots', copies: 1n }),
    add: (book) => book,
    count: () => ({ count: 0 }),
    crash: () => ({}),
  },
})
`,
  )
  const command = new Command(['start', plain.root, '--port', '0'], {
    env: { ...noWait, DATABASE_URL: deadUrl },
  })
  await using _ = command
  await command.see(/"database":"no database"[^\n]*"listening"/)
  command.signal('SIGTERM')
  assert.equal((await command.ended).exitCode, 0)
  assert.equal(existsSync(path.join(plain.stateFolder, 'postgres')), false)
})

test('an unknown BANYAN_ setting is answered with the nearest one and exit code 78', async () => {
  const { exitCode, stderr } = await banyan(['start', project.root], { env: { BANYAN_PROT: '1' } })
  assert.equal(exitCode, 78)
  assert.match(
    stderr,
    /^RUNTIME_SETTING_UNKNOWN .*BANYAN_PROT\n {2}fix {3}Did you mean BANYAN_PORT\?/,
  )
})

test('a setting that is not valid names the variable and ends with 78', async () => {
  const { exitCode, stderr } = await banyan(['start', project.root], {
    env: { BANYAN_PORT: '99999' },
  })
  assert.equal(exitCode, 78)
  assert.match(stderr, /^RUNTIME_SETTING_INVALID {2}the setting BANYAN_PORT is not valid/)
})

test('a missing setting of a module names its variable and ends with 78', async () => {
  using demanding = new ProjectFolder()
  demanding.edit(
    'src/shelf/module.ts',
    'handlers: {',
    'config: z.object({ branchName: z.string() }),\n  handlers: {',
  )
  demanding.edit(
    'src/shelf/module.ts',
    'import { tables }',
    "import * as z from 'zod'\nimport { tables }",
  )
  const { exitCode, stderr } = await banyan(['start', demanding.root], {
    env: { DATABASE_URL: deadUrl },
  })
  assert.equal(exitCode, 78)
  assert.match(stderr, /^RUNTIME_SETTING_INVALID .*SHELF_BRANCH_NAME/)
})

test('a migration that was changed after it was applied is refused with exit code 78', async () => {
  const file = 'src/shelf/sql/0001-create-book.sql'
  project.edit(file, 'create table', 'create  table')
  const { exitCode, stderr } = await banyan(['start', project.root, '--port', '0'])
  assert.equal(exitCode, 78)
  assert.match(stderr, /^DATA_MIGRATION_CHANGED .*0001-create-book\.sql/)
  assert.deepEqual(await waitUntilAlone(project.root, 2_000), [])
  project.edit(file, 'create  table', 'create table')
})

test('an embedded PostgreSQL that is killed comes back, and the instance with it', async () => {
  const { command, url } = await started(noWait, '--seed')
  await using _ = command
  const pidFile = path.join(project.stateFolder, 'postgres', 'data', 'postmaster.pid')
  process.kill(Number.parseInt(readFileSync(pidFile, 'utf8'), 10), 'SIGKILL')
  await command.see(/the embedded PostgreSQL ended; starting it again/)
  await command.see(/the embedded PostgreSQL runs again/)
  assert.equal((await fetch(`${url}/readyz`)).status, 200)
  assert.equal((await fetch(`${url}/books/seed-2`)).status, 200)
  command.signal('SIGTERM')
  assert.equal((await command.ended).exitCode, 0)
})

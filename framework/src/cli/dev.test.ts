import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { banyan, Command, processesIn, waitUntilAlone } from './command.fixture.ts'
import { ProjectFolder } from './project.fixture.ts'

/** A process that is ready after it listens, and ends with its standard input. */
const companionText = `import { createServer } from 'node:http'
createServer((_, response) => response.end('ok')).listen(Number(process.argv[2]), '127.0.0.1')
process.stdin.resume().once('end', () => process.exit())
`

let project: ProjectFolder
before(() => {
  project = new ProjectFolder({ 'companion/main.mjs': companionText })
  project.write(
    'banyan.ts',
    `${project.read('banyan.ts')}
export const companions = [
  {
    name: 'clerk',
    command: ['node', 'companion/main.mjs', '45183', import.meta.dirname],
    ready: 'http://127.0.0.1:45183/',
  },
]
`,
  )
})
after(() => project[Symbol.dispose]())

const lock = (): string => path.join(project.stateFolder, 'postgres', 'lock')

async function dev(...flags: string[]) {
  const command = new Command(['dev', project.root, '--port', '0', ...flags])
  const [, url = ''] = await command.see(/API {8}(http\S+)/)
  return { command, url }
}

async function assertNothingLeft(limitMs: number): Promise<void> {
  assert.deepEqual(await waitUntilAlone(project.root, limitMs), [])
  assert.equal(existsSync(lock()), false)
}

test('dev serves seeded data, shows requests, and Ctrl-C to the group leaves no process and no lock', async () => {
  const { command, url } = await dev()
  await using _ = command
  assert.match(
    command.stdout,
    /library is ready in [\d.]+ m?s[^]*modules {4}shelf[^]*running .*embedded PostgreSQL 18.*, clerk/,
  )
  const response = await fetch(`${url}/books/seed-1`)
  assert.equal(response.status, 200)
  await command.see(/GET \/books\/seed-1 200 [\d.]+ (µs|ms|s) {2}trace [0-9a-f]{8}/)
  const called = await banyan(['call', 'shelf.book', '{"isbn":"seed-1"}', project.root])
  assert.match(called.stdout, /Roots/)
  await command.see(/(GET \/books\/seed-1[^]*){2}/)
  const internal = await banyan(['call', 'shelf.count', '{}', project.root, '--json'])
  assert.equal(internal.stdout, '{"count":1}\n', internal.stderr)
  command.signalGroup('SIGINT')
  const { exitCode, stderr } = await command.ended
  assert.deepEqual([exitCode, stderr], [0, ''])
  assert.deepEqual(processesIn(project.root), [])
  await assertNothingLeft(0)
  assert.equal(existsSync(path.join(project.stateFolder, 'instance.json')), false)
})

test('a change restarts the application, a broken one is reported and the next one mends it', async () => {
  const { command, url } = await dev('--verbose')
  await using _ = command
  project.edit('src/shelf/module.ts', 'return row', "return { ...row, title: 'Changed' }")
  const [, again = ''] = await command.see(
    /changed src\/shelf\/module\.ts, restarting[^]*ready again at (http\S+)/,
  )
  assert.notEqual(again, '')
  assert.match(await (await fetch(`${again}/books/seed-1`)).text(), /Changed/)
  await assert.rejects(fetch(`${url}/books/seed-1`))
  command.forget()
  const contract = project.read('src/shelf/contract.ts')
  project.write(
    'src/shelf/contract.ts',
    contract.replace("access: 'public',\n      http: 'GET", "http: 'GET"),
  )
  await command.see(/CONTRACT_ACCESS_MISSING {2}shelf\.book[^]*it starts again when a file changes/)
  command.forget()
  project.write('src/shelf/contract.ts', contract)
  await command.see(/ready again at/)
  project.edit('src/shelf/module.ts', "return { ...row, title: 'Changed' }", 'return row')
  command.signal('SIGTERM')
  assert.equal((await command.ended).exitCode, 0)
  await assertNothingLeft(0)
})

test('an application that crashes is reported and starts again at the next change', async () => {
  const { command, url } = await dev()
  await using _ = command
  await fetch(`${url}/crash`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  }).catch(() => {})
  await command.see(
    /fatal an unexpected error: Error: a book fell down[^]*the application ended \(exit code 70\)/,
  )
  project.write('src/shelf/touched.ts', 'export const touched = 1\n')
  await command.see(/ready again at/)
  command.signalGroup('SIGINT')
  command.signalGroup('SIGINT')
  assert.equal((await command.ended).exitCode, 0)
  await assertNothingLeft(0)
})

test('when dev is killed, everything that it started ends within seconds and the lock goes', async () => {
  const { command } = await dev()
  await using _ = command
  assert.ok(processesIn(project.root).length >= 4)
  command.signal('SIGKILL')
  await command.ended
  await assertNothingLeft(8_000)
})

test('a second Ctrl-C ends everything by force, and leaves nothing either', async () => {
  project.edit(
    'src/shelf/module.ts',
    'return row',
    'await new Promise((done) => setTimeout(done, 60_000)); return row',
  )
  const { command, url } = await dev()
  await using _ = command
  const hanging = fetch(`${url}/books/seed-1`).catch(() => undefined)
  await new Promise<void>((resolve) => void setTimeout(resolve, 200))
  command.signalGroup('SIGINT')
  await new Promise<void>((resolve) => void setTimeout(resolve, 600))
  const beganMs = performance.now()
  command.signalGroup('SIGINT')
  assert.equal((await command.ended).exitCode, 0)
  assert.ok(performance.now() - beganMs < 2_000)
  await hanging
  await assertNothingLeft(3_000)
  project.edit(
    'src/shelf/module.ts',
    'await new Promise((done) => setTimeout(done, 60_000)); return row',
    'return row',
  )
})

test('with --json every line is an object: events and the log', async () => {
  const command = new Command(['dev', project.root, '--port', '0', '--json'])
  await using _ = command
  const [, url = ''] = await command.see(/"type":"ready".*"url":"(http[^"]+)"/)
  await fetch(`${url}/books/seed-1`)
  await command.see(/"msg":"request"/)
  command.signal('SIGINT')
  const { stdout } = await command.ended
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  assert.ok(lines.every((line) => 'type' in line || 'level' in line))
})

test('a database that ends by itself is reported and ends dev with 69', async () => {
  const { command } = await dev()
  await using _ = command
  const [postmaster = ''] = processesIn(project.root).filter((line) =>
    /^\d+ \S+\/postgres -D /.test(line),
  )
  process.kill(Number.parseInt(postmaster, 10), 'SIGKILL')
  const { exitCode, stdout } = await command.ended
  assert.equal(exitCode, 69)
  assert.match(stdout, /CLI_DATABASE_ENDED {2}the embedded PostgreSQL .* ended \(SIGKILL\)/)
  await assertNothingLeft(3_000)
})

test('a first start that no source can mend ends dev with the exit code of the error', async () => {
  const setting = await banyan(['dev', project.root], { env: { BANYAN_PORT: 'x' } })
  assert.equal(setting.exitCode, 78)
  assert.match(setting.stdout, /^RUNTIME_SETTING_INVALID/)
  const missing = await banyan(['dev', path.join(project.root, 'src')])
  assert.equal(missing.exitCode, 78)
  assert.match(missing.stdout, /^CLI_APPLICATION_MISSING/m)
  await assertNothingLeft(0)
})

test('a companion that does not become ready ends the first start with 69', async () => {
  using lonely = new ProjectFolder()
  lonely.write(
    'banyan.ts',
    `${lonely.read('banyan.ts')}
export const companions = [{ name: 'clerk', command: ['node', 'none.mjs'], ready: 'http://127.0.0.1:1/' }]
`,
  )
  const { exitCode, stdout } = await banyan(['dev', lonely.root, '--port', '0'])
  assert.equal(exitCode, 69)
  assert.match(
    stdout,
    /CLI_COMPANION_FAILED {2}the companion "clerk" did not become ready: exit code 1/,
  )
  assert.deepEqual(await waitUntilAlone(lonely.root, 0), [])
})

test('a companion is left out where its variable is set', async () => {
  using configured = new ProjectFolder()
  configured.write(
    'banyan.ts',
    `${configured.read('banyan.ts')}
export const companions = [{ name: 'clerk', command: ['node', 'none.mjs'], unless: 'CLERK_URL' }]
`,
  )
  const env = { CLERK_URL: 'http://127.0.0.1:1/' }
  await using command = new Command(['dev', configured.root, '--port', '0'], { env })
  await command.see(/running +1 process, embedded PostgreSQL [^,]*\n/)
  command.signal('SIGTERM')
  assert.equal((await command.ended).exitCode, 0)
})

test('a companion is not mistaken for another process on its port', async () => {
  const { command } = await dev()
  await using _ = command
  using other = new ProjectFolder({ 'banyan.ts': project.read('banyan.ts') })
  const second = await banyan(['dev', other.root, '--port', '0'])
  assert.equal(second.exitCode, 69)
  assert.match(second.stdout, /CLI_COMPANION_FAILED .*another process already answers/)
  assert.deepEqual(await waitUntilAlone(other.root, 2_000), [])
  command.signal('SIGTERM')
  assert.equal((await command.ended).exitCode, 0)
})

test('two on one folder: the second is told who holds it, and the first goes on', async () => {
  const { command, url } = await dev()
  await using _ = command
  const second = await banyan(['start', project.root, '--port', '0'])
  assert.equal(second.exitCode, 69)
  assert.match(second.stderr, /^POSTGRES_EMBEDDED_FOLDER_IN_USE/)
  assert.equal((await fetch(`${url}/books/seed-1`)).status, 200)
  command.signal('SIGTERM')
  assert.equal((await command.ended).exitCode, 0)
})

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { banyan } from './command.fixture.ts'
import { hearing, ProjectFolder } from './project.fixture.ts'

const commands = [
  'dev',
  'start',
  'check',
  'call',
  'openapi',
  'asyncapi',
  'graph',
  'messages',
  'plan',
  'certs',
  'doctor',
  'explain',
]

test('--help names every command and what an application is', async () => {
  const { exitCode, stdout } = await banyan(['--help'])
  assert.equal(exitCode, 0)
  for (const name of commands) {
    assert.match(stdout, new RegExp(`^  ${name} `, 'm'))
  }
  assert.match(stdout, /exports `application`/)
})

test('every command explains itself with --help', async () => {
  const helps = await Promise.all(commands.map((name) => banyan([name, '--help'])))
  for (const { exitCode, stdout } of helps) {
    assert.equal(exitCode, 0)
    assert.match(stdout, /USAGE\n {2}banyan \w+[\s\S]+FLAGS/)
    assert.ok(stdout.length > 400, stdout)
  }
})

test('--version prints the version of the package', async () => {
  const { version } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  ) as { version: string }
  const { exitCode, stdout } = await banyan(['--version'])
  assert.deepEqual([exitCode, stdout.trim()], [0, version])
})

test('an unknown command is answered with the nearest one and exit code 2', async () => {
  const { exitCode, stderr } = await banyan(['chekc'])
  assert.equal(exitCode, 2)
  assert.match(stderr, /did you mean `check`\?/)
})

test('an unknown flag is answered with the nearest one and exit code 2', async () => {
  const { exitCode, stderr } = await banyan(['graph', '--jsn'])
  assert.equal(exitCode, 2)
  assert.match(stderr, /did you mean --json\?/)
})

test('a folder without banyan.ts is a coded error with a fix and exit code 78', async () => {
  using project = new ProjectFolder({ 'banyan.ts': '' })
  const { exitCode, stderr } = await banyan(['graph', project.root])
  assert.equal(exitCode, 78)
  assert.match(stderr, /^CLI_APPLICATION_MISSING {2}no banyan\.ts .*\n {2}fix {3}/)
  assert.doesNotMatch(stderr, /^\s+at /m)
})

test('an application that does not load names file and line, and a stack only with --verbose', async () => {
  using project = new ProjectFolder({ 'banyan.ts': "\nthrow new Error('no luck')\n" })
  const quiet = await banyan(['graph', project.root])
  assert.equal(quiet.exitCode, 78)
  assert.match(quiet.stderr, /^CLI_APPLICATION_BROKEN .*banyan\.ts:2:7 .*no luck/)
  assert.doesNotMatch(quiet.stderr, /^\s+at /m)
  const verbose = await banyan(['graph', project.root, '--verbose'])
  assert.match(verbose.stderr, /^\s+at /m)
})

test('a file that exports no application is told so', async () => {
  using project = new ProjectFolder({ 'banyan.ts': 'export const app = 1\n' })
  const { exitCode, stderr } = await banyan(['graph', project.root])
  assert.equal(exitCode, 78)
  assert.match(stderr, /it exports no `application`/)
})

test('errors are one JSON object with --json', async () => {
  using project = new ProjectFolder({ 'banyan.ts': '' })
  const { stderr } = await banyan(['graph', project.root, '--json'])
  const { error } = JSON.parse(stderr) as { error: { code: string; kind: string; fix: string } }
  assert.deepEqual([error.code, error.kind], ['CLI_APPLICATION_MISSING', 'invalid'])
  assert.notEqual(error.fix, '')
})

test('graph prints who uses whom, as text, Mermaid and JSON', async () => {
  using project = new ProjectFolder()
  const [text, mermaid, json] = await Promise.all([
    banyan(['graph'], { cwd: project.root }),
    banyan(['graph', '--mermaid', project.root]),
    banyan(['graph', '--json', project.root]),
  ])
  assert.equal(text.stdout, 'shelf\n')
  assert.equal(mermaid.stdout, 'graph LR\n  shelf\n')
  assert.deepEqual(JSON.parse(json.stdout), {
    application: 'library',
    uses: { shelf: [] },
    events: {},
  })
})

test('graph prints who hears which event with dashed arrows', async () => {
  using project = hearing()
  const [text, mermaid, json] = await Promise.all([
    banyan(['graph', project.root]),
    banyan(['graph', '--mermaid', project.root]),
    banyan(['graph', '--json', project.root]),
  ])
  assert.equal(text.stdout, 'shelf\ndesk ⇠ shelf.lent\n')
  assert.equal(mermaid.stdout, 'graph LR\n  shelf -. lent .-> desk\n')
  const { events } = JSON.parse(json.stdout)
  assert.deepEqual(events, { 'shelf.lent': ['desk'], 'shelf.lost': [] })
})

test('asyncapi prints the document of events, with jobs where they are asked for', async () => {
  using project = hearing()
  const out = path.join(project.root, 'events.json')
  const [printed, written] = await Promise.all([
    banyan(['asyncapi', project.root]),
    banyan(['asyncapi', project.root, '--jobs', '--out', out]),
  ])
  const document = JSON.parse(printed.stdout)
  assert.deepEqual([document.info.title, document.info.version], ['library', '1.2.3'])
  assert.deepEqual(Object.keys(document.channels), ['shelf.lent', 'shelf.lost'])
  assert.equal(document.operations['desk.on.shelf.lent'].action, 'receive')
  assert.deepEqual([written.exitCode, written.stdout], [0, ''])
  const whole = JSON.parse(project.read('events.json'))
  assert.deepEqual(Object.keys(whole.channels), ['desk.jobs.tidy', 'shelf.lent', 'shelf.lost'])
})

test('openapi prints the document, or writes it to a file', async () => {
  using project = new ProjectFolder()
  const out = path.join(project.root, 'api.json')
  const [printed, written] = await Promise.all([
    banyan(['openapi', project.root]),
    banyan(['openapi', project.root, '--out', out]),
  ])
  const document = JSON.parse(printed.stdout) as { info: object; paths: object }
  assert.deepEqual(document.info, { title: 'library', version: '1.2.3' })
  assert.deepEqual(Object.keys(document.paths), ['/books', '/books/{isbn}', '/crash'])
  assert.deepEqual([written.exitCode, written.stdout], [0, ''])
  assert.deepEqual(JSON.parse(project.read('api.json')), document)
})

test('explain knows every code of the error tables, offline', async () => {
  const one = await banyan(['explain', 'data_unavailable'])
  assert.equal(one.exitCode, 0)
  assert.match(one.stdout, /HTTP {4}503\n {2}again\? {2}yes, after a pause[\s\S]*exit {4}69/)
  const all = await banyan(['explain', '--json'])
  const listed = new Set((JSON.parse(all.stdout) as { code: string }[]).map(({ code }) => code))
  const page = readFileSync(new URL('../../../docs/reference/errors.md', import.meta.url), 'utf8')
  const documented = [...page.matchAll(/^### (\S+)$/gm)].map(([, code]) => code ?? '')
  assert.ok(documented.length > 80)
  assert.deepEqual(
    documented.filter((code) => !listed.has(code)),
    [],
  )
})

test('explain answers an unknown code with the nearest one', async () => {
  const { exitCode, stderr } = await banyan(['explain', 'DATA_UNAVAILABL'])
  assert.equal(exitCode, 1)
  assert.match(stderr, /^CLI_CODE_UNKNOWN[^\n]*\n {2}fix {3}Did you mean DATA_UNAVAILABLE\?/)
})

test('doctor finds nothing wrong with a fit machine', async () => {
  using project = new ProjectFolder()
  const { exitCode, stdout } = await banyan(['doctor', project.root, '--port', '0'])
  assert.equal(exitCode, 0, stdout)
  for (const name of ['node', 'settings', 'app', 'postgres', 'port', 'lock', 'disk', 'clock']) {
    assert.match(stdout, new RegExp(`^ok +${name} `, 'm'))
  }
})

test('doctor finds a taken port, a dead database and a missing module setting', async () => {
  using project = new ProjectFolder()
  project.edit(
    'src/shelf/module.ts',
    'handlers: {',
    'config: z.object({ branch: z.string() }),\n  handlers: {',
  )
  project.edit(
    'src/shelf/module.ts',
    'import { tables }',
    "import * as z from 'zod'\nimport { tables }",
  )
  const server = createServer()
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? String(address?.port) : ''
  const { exitCode, stdout } = await banyan(['doctor', project.root, '--port', port, '--json'], {
    env: { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing' },
  })
  server.close()
  assert.equal(exitCode, 1)
  const { examinations } = JSON.parse(stdout) as {
    examinations: { name: string; verdict: string; text: string; fix: string }[]
  }
  const failed = examinations.filter(({ verdict }) => verdict === 'fail')
  assert.deepEqual(
    failed.map(({ name }) => name),
    ['settings', 'postgres', 'port'],
  )
  assert.match(failed[0]?.text ?? '', /RUNTIME_SETTING_INVALID .*SHELF_BRANCH/)
  assert.ok(failed.every(({ fix }) => fix !== ''))
})

test('the launcher runs the command line and passes on its exit code', () => {
  const launcher = fileURLToPath(new URL('../../bin/banyan.cjs', import.meta.url))
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [launcher, ...args], { encoding: 'utf8', timeout: 20_000 })
  assert.match(run('--version').stdout, /^\d+\.\d+\.\d+\n$/)
  assert.equal(run('nonsense').status, 2)
})

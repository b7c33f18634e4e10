import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { createSystemClock } from '../kernel/index.ts'
import {
  becomes,
  plannedSystem,
  processesOf,
  StateFolder,
  SupervisorProcess,
} from './cluster.fixture.ts'
import { askSupervisor } from './control-client.ts'
import {
  clusterAlreadyRunning,
  clusterFolderUnusable,
  clusterNotRunning,
  clusterPlatformUnsupported,
  clusterPortTaken,
  clusterProcessFailed,
  clusterRequestRefused,
  clusterStartOverdue,
  clusterStateUnreadable,
} from './errors.ts'
import { openRunFolder, runFolderAt } from './run-folder.ts'
import { Supervisor } from './supervisor.ts'

const system = plannedSystem('pair', {})
const clock = createSystemClock()

test('a process that keeps ending while it first starts ends the start, with its last words', async () => {
  using state = new StateFolder()
  state.behave({ 'sales-1': 'crash' })
  await using supervisor = new SupervisorProcess(state, system)
  const { error } = await supervisor.see('failed')
  assert.equal(error.code, clusterProcessFailed.code)
  assert.match(
    JSON.stringify(error),
    /sales-1-g\d+ does not start \(exit code 3\).*a book fell down/,
  )
  assert.equal(await supervisor.ended, 1)
  const ends = supervisor.events.filter(({ type }) => type === 'ended')
  assert.equal(ends.length, 5)
  assert.deepEqual(processesOf(state), [])
})

test('a reason that no other start removes ends the first start at once, and is told', async () => {
  using state = new StateFolder()
  state.behave({ 'sales-1': 'fail' })
  await using supervisor = new SupervisorProcess(state, system)
  const { error } = await supervisor.see('failed')
  assert.match(JSON.stringify(error), /sales-1-g1 does not start [^]*settings are wrong/)
  assert.equal(supervisor.events.filter(({ type }) => type === 'ended').length, 1)
  assert.equal(await supervisor.ended, 1)
})

test('a process that never becomes ready ends the first start after its time', async () => {
  using state = new StateFolder()
  state.behave({ 'sales-1': 'silent' })
  await using supervisor = new SupervisorProcess(state, system, { startTimeoutMs: 700 })
  const { error } = await supervisor.see('failed')
  assert.equal(error.code, clusterStartOverdue.code)
  await supervisor.ended
  assert.deepEqual(processesOf(state), [])
})

test('once everything served, a process that keeps ending is tried again for ever', async () => {
  using state = new StateFolder()
  await using supervisor = new SupervisorProcess(state, system)
  await supervisor.see('serving')
  state.behave({ 'sales-1': 'crash' })
  const { 'sales-1-g1': pid = 0 } = await supervisor.pids()
  process.kill(pid, 'SIGKILL')
  await supervisor.see('ended', ({ pauseMs = 0 }) => pauseMs > 700)
  state.behave({})
  await supervisor.see('ready', ({ id }) => /^sales-1-g[2-9]/.test(id))
  const { rows } = await supervisor.ps()
  assert.ok((rows.find(({ service: name }) => name === 'sales')?.restarts ?? 0) >= 4)
})

test('a process that hangs is ended by force and started again', async () => {
  using state = new StateFolder()
  const health = { askEveryMs: 100, missedMax: 3 }
  await using supervisor = new SupervisorProcess(state, system, { health })
  await supervisor.see('serving')
  const { 'sales-1-g1': pid = 0 } = await supervisor.pids()
  process.kill(pid, 'SIGSTOP')
  await supervisor.see('hung', ({ id }) => id === 'sales-1-g1')
  await supervisor.see('ready', ({ id }) => id === 'sales-1-g2')
})

test('a process that does not end when asked is ended by force', async () => {
  using state = new StateFolder()
  state.behave({ 'sales-1': 'stubborn' })
  await using supervisor = new SupervisorProcess(state, system)
  await supervisor.see('serving')
  assert.equal(await supervisor.stop(), 0)
  const { isForced } = await supervisor.see('stopped', ({ id }) => id === 'sales-1-g1')
  assert.equal(isForced, true)
  assert.deepEqual(processesOf(state), [])
})

test('a second signal ends everything at once', async () => {
  using state = new StateFolder()
  state.behave({ 'sales-1': 'stubborn', 'edge-1': 'stubborn' })
  await using supervisor = new SupervisorProcess(state, system, { stopMarginMs: 20_000 })
  await supervisor.see('serving')
  supervisor.signal('SIGTERM')
  await new Promise<void>((resolve) => void setTimeout(resolve, 200))
  const startMs = performance.now()
  assert.equal(await supervisor.stop(), 0)
  assert.ok(performance.now() - startMs < 2_000)
  assert.deepEqual(processesOf(state), [])
})

test('two on one folder: the second is told who holds it, and the first goes on', async () => {
  using state = new StateFolder()
  await using first = new SupervisorProcess(state, system)
  await first.see('serving')
  await using second = new SupervisorProcess(state, system)
  const { error } = await second.see('failed')
  assert.equal(error.code, clusterAlreadyRunning.code)
  assert.match(JSON.stringify(error), new RegExp(`process ${first.pid} already supervises`))
  assert.equal((await first.ps()).rows.length, 2)
})

test('what a previous boot left does not count: other processes with those ids, stale sockets', async () => {
  using state = new StateFolder()
  await openRunFolder(state.run)
  writeFileSync(state.run.control, '')
  const child = {
    id: 'sales-1-g7',
    secret: 'x',
    plan: 3,
    startedAtMs: 0,
    pid: process.pid,
    started: 'before',
  }
  const slot = {
    name: 'sales-1',
    kind: 'instance',
    service: 'sales',
    role: 'current',
    plan: 3,
    restarts: 0,
    child,
  }
  const numbers = { generation: 7, plan: 3, isPrepared: true, circles: { 3: 3 } }
  const left = { format: 1, control: state.run.control, ...numbers, slots: [slot] }
  writeFileSync(state.run.state, JSON.stringify(left))
  await using supervisor = new SupervisorProcess(state, system)
  const serving = await supervisor.see('serving')
  assert.equal(serving.how, 'started')
  assert.deepEqual(
    [...state.directory(4)].sort(),
    ['edge-1-g8', 'sales-1-g8'],
    'ids are never given twice',
  )
})

test('a state that cannot be read is not guessed at', async () => {
  using state = new StateFolder()
  await openRunFolder(state.run)
  for (const text of ['{', '{"format":2}']) {
    writeFileSync(state.run.state, text)
    await using supervisor = new SupervisorProcess(state, system)
    assert.equal((await supervisor.see('failed')).error.code, clusterStateUnreadable.code)
    await supervisor.ended
    assert.equal(readFileSync(state.run.state, 'utf8'), text)
  }
})

test('a public port that somebody else has is refused before anything starts', async () => {
  using state = new StateFolder()
  const stranger = createServer()
  await new Promise<void>(
    (resolve) => void stranger.listen({ port: 0, host: '127.0.0.1', reusePort: true }, resolve),
  )
  const address = stranger.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const taken = plannedSystem('taken', { listen: { host: '127.0.0.1', port } })
  await using supervisor = new SupervisorProcess(state, taken)
  assert.equal((await supervisor.see('failed')).error.code, clusterPortTaken.code)
  await supervisor.ended
  assert.deepEqual(
    supervisor.events.filter(({ type }) => type === 'started'),
    [],
  )
  stranger.close()
})

test('commands without a supervisor say so, and a stranger on the socket learns nothing', async () => {
  using state = new StateFolder()
  const ps = { type: 'request', command: 'ps' } as const
  await assert.rejects(askSupervisor(ps, { folder: state.run, clock }), clusterNotRunning.is)
  await using supervisor = new SupervisorProcess(state, system)
  await supervisor.see('serving')
  const odd = { ...ps, command: 'format-disk' } as never
  await assert.rejects(supervisor.ask(odd), clusterRequestRefused.is)
})

test('a run folder that others may enter is refused, and so is a system without its sockets', async () => {
  using state = new StateFolder()
  const { chmodSync, mkdirSync } = await import('node:fs')
  mkdirSync(state.run.root, { recursive: true })
  chmodSync(state.run.root, 0o755)
  await assert.rejects(openRunFolder(state.run), clusterFolderUnusable.is)
  const options = {
    stateFolder: state.root,
    clock,
    env: {},
    programOf: () => never(),
    onEvent: () => {},
  }
  await assert.rejects(Supervisor.open(options, 'win32'), clusterPlatformUnsupported.is)
})

test('sockets of a folder with a long path are made in a short one', async () => {
  const long = `/tmp/${'deep/'.repeat(30)}`
  const folder = runFolderAt(long)
  assert.match(folder.sockets, /^\/tmp\/banyan-run-\d+-[0-9a-f]{16}$/)
  assert.notEqual(folder.sockets, runFolderAt(`${long}other`).sockets)
  assert.ok(await becomes(0, () => folder.control.length < 100))
})

function never(): never {
  throw new Error('nothing is to be started')
}

import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { test } from 'node:test'
import {
  askHttp,
  becomes,
  plannedSystem,
  processesOf,
  service,
  StateFolder,
  SupervisorProcess,
} from './cluster.fixture.ts'

const pair = plannedSystem('pair', {
  services: [service('edge', { runs: ['http'], modules: [] }), service('sales', { instances: 2 })],
})

test('everything of a plan runs, is told of in the directory, and ends in order', async () => {
  using state = new StateFolder()
  await using supervisor = new SupervisorProcess(state, pair)
  const serving = await supervisor.see('serving')
  assert.deepEqual(serving.services, { edge: 1, sales: 2 })
  assert.deepEqual([...state.directory()].sort(), ['edge-1-g1', 'sales-1-g1', 'sales-2-g1'])
  assert.equal(await askHttp(serving.urls[0] ?? ''), 'edge-1-g1')
  supervisor.forget()
  assert.equal(await supervisor.stop(), 0)
  const stopped = supervisor.events.flatMap((event) => (event.type === 'stopped' ? [event.id] : []))
  assert.equal(stopped[0], 'edge-1-g1', 'callers stop first')
  assert.equal(stopped.length, 3)
  assert.deepEqual(processesOf(state), [])
  assert.equal(existsSync(state.run.control), false)
  assert.deepEqual(readdirSync(state.run.sockets), [])
})

test('a process that is killed leaves the directory at once and is started again', async () => {
  using state = new StateFolder()
  await using supervisor = new SupervisorProcess(state, pair)
  await supervisor.see('serving')
  const { 'sales-1-g1': pid = 0, ...others } = await supervisor.pids()
  process.kill(pid, 'SIGKILL')
  await supervisor.see('ended', ({ id }) => id === 'sales-1-g1')
  assert.deepEqual([...state.directory()].sort(), ['edge-1-g1', 'sales-2-g1'])
  await supervisor.see('ready', ({ id }) => id === 'sales-1-g2')
  assert.deepEqual([...state.directory()].sort(), ['edge-1-g1', 'sales-1-g2', 'sales-2-g1'])
  const { 'sales-1-g2': _, ...left } = await supervisor.pids()
  assert.deepEqual(left, others, 'the others were left alone')
})

test('a supervisor that is killed is followed by one that takes its processes over', async () => {
  using state = new StateFolder()
  await using first = new SupervisorProcess(state, pair, { graceMs: 20_000 })
  const { urls } = await first.see('serving')
  const before = await first.pids()
  first.signal('SIGKILL')
  await first.ended
  assert.equal(await askHttp(urls[0] ?? ''), 'edge-1-g1', 'they serve on')
  const other = plannedSystem('other', {})
  await using second = new SupervisorProcess(state, other, { graceMs: 20_000 })
  await second.see(
    'step',
    ({ text }) => text === 'the topology pair ran on; `banyan apply` moves it to other',
  )
  const serving = await second.see('serving')
  assert.equal(serving.how, 'adopted')
  assert.deepEqual(await second.pids(), before)
  const answers = async (): Promise<boolean> =>
    (await second.ps()).rows.every(({ rssBytes }) => rssBytes !== undefined)
  assert.equal(await becomes(10_000, answers), true, 'they have found the new one')
  assert.deepEqual(await second.pids(), before)
  process.kill(before['sales-2-g1'] ?? 0, 'SIGKILL')
  await second.see('ready', ({ id }) => id.startsWith('sales-2-g'))
  assert.equal(await second.stop(), 0)
  assert.deepEqual(processesOf(state), [])
})

test('without a supervisor every process ends by itself after the grace', async () => {
  using state = new StateFolder()
  await using supervisor = new SupervisorProcess(state, pair, { graceMs: 700 })
  await supervisor.see('serving')
  assert.equal(processesOf(state).length, 3)
  supervisor.signal('SIGKILL')
  await supervisor.ended
  assert.equal(await becomes(4_000, () => processesOf(state).length === 0), true)
})

test('certificates and migrations come before any instance, seeds only at the first start', async () => {
  using state = new StateFolder()
  const calls = { carrier: 'frames', transport: 'tcp', mtls: true, connections: 1 } as const
  const secured = plannedSystem('secured', { calls }, { tables: ['sales'] })
  await using supervisor = new SupervisorProcess(state, secured)
  await supervisor.see('serving')
  assert.deepEqual(state.read('certificates.json'), {
    kind: 'certificates',
    application: 'library',
    services: ['edge', 'sales'],
    folder: `${state.root}/certs`,
  })
  assert.deepEqual(state.read('prepare.json'), { kind: 'prepare', isSeeding: true })
  state.behave({ prepare: 'fail' })
  const restart = { type: 'request', command: 'restart', target: 'sales' } as const
  const before = await supervisor.pids()
  await assert.rejects(supervisor.ask(restart), /settings are wrong/)
  assert.deepEqual(await supervisor.pids(), before, 'what ran still runs')
  state.behave({})
  await supervisor.ask(restart)
  assert.deepEqual(state.read('prepare.json'), { kind: 'prepare', isSeeding: false })
})

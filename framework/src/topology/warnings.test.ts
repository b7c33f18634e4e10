import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bazaar, sampleApplication } from './application.fixture.ts'
import { planned } from './planned.fixture.ts'
import { warningsOf } from './warnings.ts'

const haproxy = { engine: 'haproxy' }
const warned = (topology: unknown): readonly (readonly [string, string])[] =>
  warningsOf(planned(topology), bazaar).map(({ code, path }) => [code, path] as const)

test('the standard topology has no warnings', () => {
  assert.deepEqual(warned({ services: { app: {} } }), [])
  assert.deepEqual(warned({ services: { app: {} }, gateway: haproxy }), [])
})

test('a deadline within the longest operation may cut calls off', () => {
  const at = (deadline: string): unknown => warned({ services: { app: {} }, drain: { deadline } })
  assert.deepEqual(at('14999ms'), [['TOPOLOGY_DRAIN_SHORT', 'drain.deadline']])
  assert.deepEqual(at('15s'), [])
})

test('a notice that the gateway does not see in time is told', () => {
  const at = (gateway: unknown): unknown =>
    warned({ services: { app: {} }, gateway, drain: { notice: '999ms' } })
  assert.deepEqual(at(haproxy), [['TOPOLOGY_NOTICE_SHORT', 'drain.notice']])
  assert.deepEqual(at({ ...haproxy, checkEvery: '400ms' }), [])
  assert.deepEqual(at('none'), [])
})

test('pools that do not fit twice are told before somebody changes the running system', () => {
  const at = (connectionsMax: number): unknown =>
    warned({ services: { app: {} }, database: { connectionsMax } })
  assert.deepEqual(at(89), [['TOPOLOGY_CONNECTIONS_CROWDED', 'database.connectionsMax']])
  assert.deepEqual(at(90), [])
  const application = sampleApplication([{ name: 'clock' }])
  const plan = planned({ services: { app: {} } }, { application })
  assert.deepEqual(warningsOf(plan, application), [])
})

test('a claim of availability without retries is told', () => {
  const at = (retries: boolean): unknown =>
    warned({
      services: { app: { instances: 2 } },
      gateway: { ...haproxy, retries },
      availability: true,
    })
  assert.deepEqual(at(false), [['TOPOLOGY_RETRIES_OFF', 'gateway.retries']])
  assert.deepEqual(at(true), [])
})

test('a warning says what to do', () => {
  const plan = planned({ services: { app: {} }, drain: { deadline: '2s' } })
  const [warning] = warningsOf(plan, bazaar)
  assert.match(warning?.message ?? '', /drain\.deadline \(2s\).*\(15s\)/)
  assert.match(warning?.fix ?? '', /^Lengthen drain\.deadline/)
})

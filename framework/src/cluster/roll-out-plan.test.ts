import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Plan } from '../topology/index.ts'
import { gateway, plannedSystem, service } from './cluster.fixture.ts'
import {
  clusterAvailabilityLost,
  clusterConnectionsExceeded,
  clusterDatabaseDifferent,
} from './errors.ts'
import { assertSafe, planRollOut } from './roll-out-plan.ts'

const careful = { isForced: false }
const database: Plan['database'] = {
  engine: 'postgres',
  server: 'embedded',
  connectionsMax: 20,
  connectionsReserved: 3,
}
const pool = { readers: 2, transactions: 4 }
const edge = service('edge', { runs: ['http'], modules: [] })

const kept = (from: Partial<Plan>, to: Partial<Plan>): readonly string[] =>
  planRollOut(plannedSystem('a', from), plannedSystem('b', to)).keep.map(({ name }) => name)

test('an instance stays when nothing that it depends on differs', () => {
  assert.deepEqual(kept({}, {}), ['edge-1', 'sales-1'])
  assert.deepEqual(kept({}, { gateway }), ['edge-1', 'sales-1'], 'it takes any port either way')
  const grown = [edge, service('sales', { instances: 2 })]
  assert.deepEqual(kept({}, { services: grown }), ['edge-1', 'sales-1'])
})

test('it is replaced when its bounds, its port, its calls or the hosts of any module differ', () => {
  const sales = (given: Parameters<typeof service>[1]): Partial<Plan> => ({
    services: [edge, service('sales', given)],
  })
  assert.deepEqual(kept({}, sales({ inFlightMax: 8 })), ['edge-1'])
  assert.deepEqual(kept({}, sales({ pool })), ['edge-1'])
  assert.deepEqual(kept({}, { listen: { host: '127.0.0.1', port: 4_000 } }), ['sales-1'])
  assert.deepEqual(kept({}, sales({ modules: ['sales', 'cart'] })), [])
  const calls = { carrier: 'post', transport: 'tcp', mtls: true, connections: 1 } as const
  assert.deepEqual(kept({}, { calls }), [])
  assert.deepEqual(kept({}, { drain: { noticeMs: 1, deadlineMs: 2 } }), [])
})

test('what nobody needs any more is removed, and what nobody had is started', () => {
  const companions = [{ name: 'psp', command: ['node', 'psp.mjs'] }]
  const from = plannedSystem('a', { database }, { companions })
  const to = plannedSystem('b', { gateway, services: [edge] })
  const { keep, start, remove } = planRollOut(from, to)
  assert.deepEqual([keep, start.map(({ name }) => name)], [[], ['edge-1', 'gateway']])
  assert.deepEqual(remove, ['postgres', 'companion-psp', 'edge-1', 'sales-1'])
})

test('data does not move by itself', () => {
  const from = plannedSystem('a', {}, { database: 'embedded' })
  const to = plannedSystem('b', {}, { database: 'db.internal/shop' })
  assert.throws(() => assertSafe(from, to, careful), clusterDatabaseDifferent.is)
})

test('old and new instances side by side fit into the connections of the server', () => {
  const tables = ['sales']
  const from = plannedSystem(
    'a',
    { database, services: [edge, service('sales', { pool })] },
    { tables },
  )
  const changed = (instances: number): ReturnType<typeof plannedSystem> =>
    plannedSystem(
      'b',
      { database, services: [edge, service('sales', { pool, instances, inFlightMax: 8 })] },
      { tables },
    )
  assertSafe(from, changed(1), careful)
  assert.throws(
    () => assertSafe(from, changed(2), { isForced: true }),
    (error: Error) => {
      assert.match(
        error.message,
        /may open 18 database connections beside 3 reserved ones; the server allows 20/,
      )
      return clusterConnectionsExceeded.is(error)
    },
  )
})

test('what survives the loss of any instance is not weakened unless somebody insists', () => {
  const two = [{ ...edge, instances: 2 }, service('sales', { instances: 2 })]
  const strong = plannedSystem('a', { gateway, services: two, availability: true })
  const weak = plannedSystem('b', { services: [{ ...edge, instances: 2 }, service('sales')] })
  assert.throws(
    () => assertSafe(strong, weak, careful),
    (error: Error) => {
      assert.match(error.message, /one sales, no gateway/)
      return clusterAvailabilityLost.is(error)
    },
  )
  assertSafe(strong, weak, { isForced: true })
  assertSafe(weak, plannedSystem('c', {}), careful)
})

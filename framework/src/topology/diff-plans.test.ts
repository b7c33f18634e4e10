import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bazaar } from './application.fixture.ts'
import { describeDiff } from './describe-diff.ts'
import { diffPlans, isSamePlan } from './diff-plans.ts'
import type { PlanDiff } from './plan-diff.ts'
import { planned } from './planned.fixture.ts'

const edge = { runs: ['http'] }
const browse = { modules: ['catalog', 'search'] }
const sales = { modules: ['inventory', 'orders', 'checkout'], pool: { transactions: 4 } }
const haproxy = { engine: 'haproxy' }

const dev = { services: { app: {} } }
const split = { services: { edge, browse, sales: { ...sales, instances: 2 } }, gateway: haproxy }

const diffOf = (from: unknown, to: unknown): PlanDiff =>
  diffPlans(planned(from), planned(to), bazaar)
const textOf = (from: unknown, to: unknown): string => describeDiff(diffOf(from, to))

test('a plan does not differ from itself, nor from one in another order', () => {
  assert.ok(isSamePlan(diffOf(split, split)))
  const reordered = {
    gateway: haproxy,
    services: {
      sales: { ...sales, instances: 2, modules: ['checkout', 'orders', 'inventory'] },
      edge,
      browse: { ...browse, inFlightMax: 4_096 },
    },
  }
  assert.ok(isSamePlan(diffOf(split, reordered)))
  assert.match(textOf(split, reordered), /^sample → sample\n\nnothing changes\n\n/)
})

test('every value that differs is a difference', () => {
  const others: readonly unknown[] = [
    { ...split, listen: { port: 4_001 } },
    { ...split, listen: { host: '0.0.0.0' } },
    { ...split, gateway: { ...haproxy, retries: false } },
    { ...split, gateway: 'none' },
    { ...split, drain: { notice: '2s' } },
    { ...split, calls: { carrier: 'post' } },
    { ...split, timeouts: { client: '1m' } },
    { ...split, database: { connectionsReserved: 20 } },
    { ...split, services: { ...split.services, edge: { ...edge, instances: 2 } } },
    { ...split, services: { ...split.services, edge: { ...edge, inFlightMax: 9 } } },
    { ...split, services: { ...split.services, extra: edge } },
  ]
  for (const other of others) {
    assert.ok(!isSamePlan(diffOf(split, other)), JSON.stringify(other))
    assert.ok(!isSamePlan(diffOf(other, split)), JSON.stringify(other))
  }
})

test('services come, go, are replaced or are scaled', () => {
  const services = { edge: { ...edge, instances: 3 }, browse, sales: { ...sales, instances: 2 } }
  assert.deepEqual(
    diffOf(dev, split).services.map(({ service, change, instances }) => [
      ...[service, change, instances.from, instances.to],
    ]),
    [
      ['edge', 'added', 0, 1],
      ['browse', 'added', 0, 1],
      ['sales', 'added', 0, 2],
      ['app', 'removed', 1, 0],
    ],
  )
  assert.deepEqual(diffOf(split, { ...split, services }).services, [
    { service: 'edge', change: 'scaled', instances: { from: 1, to: 3 }, causes: [] },
  ])
  const pool = { readers: 1, transactions: 4 }
  const replaced = { ...split, services: { ...services, sales: { ...sales, instances: 1, pool } } }
  assert.deepEqual(diffOf({ ...split, services }, replaced).services, [
    {
      service: 'sales',
      change: 'replaced',
      instances: { from: 2, to: 1 },
      causes: ['services.sales.pool.readers'],
    },
  ])
})

test('what all instances share replaces all of them; what only the gateway does replaces none', () => {
  const causesOf = (change: object): unknown =>
    diffOf(split, { ...split, ...change }).services.map(({ service, causes }) => [service, causes])
  assert.deepEqual(causesOf({ calls: { transport: 'tcp' } }), [
    ['edge', ['calls.transport']],
    ['browse', ['calls.transport']],
    ['sales', ['calls.transport']],
  ])
  assert.deepEqual(causesOf({ gateway: { ...haproxy, checkEvery: '1s' } }), [])
  assert.deepEqual(causesOf({ listen: { port: 4_001 } }), [])
  assert.deepEqual(causesOf({ timeouts: { client: '1m' } }), [])
  assert.deepEqual(causesOf({ database: { connectionsReserved: 20 } }), [])
})

test('without a gateway, those who listen in public are replaced when the address changes', () => {
  const bare = { ...split, gateway: 'none' }
  const moved = diffOf(bare, { ...bare, listen: { port: 4_001 } })
  assert.deepEqual(
    moved.services.map(({ service, causes }) => [service, causes]),
    [['edge', ['listen.port']]],
  )
  assert.deepEqual(
    diffOf(bare, split).services.map(({ service }) => service),
    ['edge'],
  )
})

test('modules move, and uses become remote and local again', () => {
  const { modules, uses } = diffOf(dev, split)
  assert.deepEqual(modules[0], { module: 'catalog', from: ['app'], to: ['browse'] })
  assert.equal(modules.length, 5)
  assert.deepEqual(uses, [
    { user: 'inventory', used: 'catalog', from: 'local', to: 'remote' },
    { user: 'checkout', used: 'catalog', from: 'local', to: 'remote' },
  ])
  assert.deepEqual(
    diffOf(split, dev).uses.map(({ from, to }) => [from, to]),
    [
      ['remote', 'local'],
      ['remote', 'local'],
    ],
  )
})

test('a module in two services is reached in two ways', () => {
  const both = { services: { app: { modules: '*', runs: ['http', 'schedules'] }, sales } }
  const { uses, modules, requests } = diffOf(dev, both)
  assert.deepEqual(uses, [
    { user: 'inventory', used: 'catalog', from: 'local', to: 'mixed' },
    { user: 'checkout', used: 'catalog', from: 'local', to: 'mixed' },
  ])
  assert.deepEqual(modules[0], { module: 'inventory', from: ['app'], to: ['app', 'sales'] })
  assert.equal(
    requests.find(({ module }) => module === 'catalog'),
    undefined,
  )
})

test('requests are told with what they cross at least, and along which uses more', () => {
  const { requests } = diffOf(dev, split)
  assert.deepEqual(requests, [
    {
      module: 'catalog',
      operations: 2,
      entry: { from: 'local', to: 'remote' },
      crossings: { from: [], to: [] },
    },
    {
      module: 'search',
      operations: 1,
      entry: { from: 'local', to: 'remote' },
      crossings: { from: [], to: [] },
    },
    {
      module: 'inventory',
      operations: 1,
      entry: { from: 'local', to: 'remote' },
      crossings: { from: [], to: ['inventory → catalog'] },
    },
    {
      module: 'checkout',
      operations: 1,
      entry: { from: 'local', to: 'remote' },
      crossings: { from: [], to: ['checkout → catalog', 'inventory → catalog'] },
    },
  ])
})

test('connections are summed before, after and while both stand side by side', () => {
  // 4 modules with tables: 1 × 4 × 10 before; catalog 10 and 2 × 3 × 6 after.
  const { connections, links } = diffOf(dev, split)
  assert.deepEqual(connections, { from: 40, to: 46, sideBySide: 86, limit: 200, reserved: 10 })
  // edge → browse, edge → 2 sales, 2 sales → browse
  assert.deepEqual(links, { from: 0, to: 5 })
  const two = diffOf(split, { ...split, calls: { connections: 2 } })
  assert.deepEqual(two.links, { from: 5, to: 10 })
})

test('instances that are kept are counted once while a service is scaled', () => {
  const at = (instances: number): object => ({
    ...split,
    services: { ...split.services, sales: { ...sales, instances } },
  })
  assert.deepEqual(diffOf(at(2), at(3)).connections.sideBySide, 64)
  assert.deepEqual(diffOf(at(3), at(1)).connections.sideBySide, 64)
  assert.equal(diffOf(at(1), at(1)).connections.sideBySide, 28)
})

test('links do not lead to services whose modules nobody calls', () => {
  // Nobody calls search but the edge, and orders has no route.
  const apart = {
    services: {
      edge,
      search: { modules: ['search'] },
      orders: { modules: ['orders'] },
      rest: { modules: ['catalog', 'inventory', 'checkout'] },
    },
  }
  // edge → search, rest; search → rest; orders → rest; rest → orders
  assert.equal(diffOf(dev, apart).links.to, 5)
})

test('the difference in words names what moves, what it costs, and that no source changes', () => {
  const text = textOf(dev, split)
  for (const line of [
    /^sample → sample$/m,
    /^ {2}edge {4}comes with 1 instance$/m,
    /^ {2}app {5}goes with 1 instance$/m,
    /^ {2}catalog {4}app → browse$/m,
    /^ {2}checkout → catalog {3}now between processes, before in one process$/m,
    /^ {2}checkout .*1 operation: at least 1 call between processes for each accepted request \(before: reached/m,
    /^ +and 1 for each call that a handler makes along checkout → catalog, inventory → catalog$/m,
    /^ {2}gateway\.engine +none → haproxy$/m,
    /^ {2}database +40 → 46; 86 while old and new stand side by side, fits into 200 with 10 reserved$/m,
    /^ {2}between instances {2}0 → 5$/m,
    /\nsource changes needed: 0 files$/,
  ]) {
    assert.match(text, line)
  }
  assert.match(textOf(split, dev), /none any more along checkout → catalog, inventory → catalog/)
})

test('the difference in words says when the connections of both do not fit', () => {
  const large = { services: { app: { pool: { transactions: 40 } } } }
  assert.match(textOf(dev, large), /208 while old and new stand side by side, TOO MANY for 200/)
})

test('a scaled service is told apart from a replaced one', () => {
  const services = { ...split.services, sales: { ...sales, instances: 1 } }
  assert.match(
    textOf(split, { ...split, services }),
    /sales {2}2 → 1 instance; those that stay are not restarted/,
  )
  assert.match(
    textOf(split, { ...split, drain: { notice: '2s' } }),
    /sales {3}2 instances, all replaced because of drain\.noticeMs/,
  )
})

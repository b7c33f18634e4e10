import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sampleApplication } from './application.fixture.ts'
import { connectionsOf } from './connections.ts'
import { describePlan } from './describe-plan.ts'
import { topologyInvalid } from './errors.ts'
import { fieldList } from './fields.ts'
import { planned, problemsIn } from './planned.fixture.ts'

const edge = { runs: ['http'] }
const everything = { modules: '*' }
const haproxy = { engine: 'haproxy' }

test('an empty service is the whole application in one process', () => {
  const { services, gateway, listen } = planned({ services: { app: {} } })
  assert.deepEqual(services, [
    {
      name: 'app',
      modules: ['catalog', 'search', 'inventory', 'orders', 'checkout'],
      runs: ['http', 'schedules', 'messages'],
      instances: 1,
      inFlightMax: 4_096,
      pool: { readers: 2, transactions: 8 },
    },
  ])
  assert.deepEqual([gateway, listen], [undefined, { host: '127.0.0.1', port: 4_000 }])
})

test('of several services each runs the schedules of its modules, and messages too; an edge runs none', () => {
  const { services } = planned({ services: { edge, rest: everything } })
  assert.deepEqual(
    services.map(({ name, modules, runs }) => [name, modules.length, runs]),
    [
      ['edge', 0, ['http']],
      ['rest', 5, ['schedules', 'messages']],
    ],
  )
})

test('messages need a service that runs them, and connections of their own', () => {
  const application = sampleApplication([
    { name: 'mail', hasTables: true, hasJobs: true },
    { name: 'desk', hasTables: true },
  ])
  const idle = problemsIn({ services: { app: { runs: ['http'] } } }, { application })
  assert.deepEqual(
    idle.map(({ code, path }) => [code, path]),
    [['TOPOLOGY_MESSAGES_UNPLACED', 'services']],
  )
  const workers = {
    services: { app: { modules: '*', runs: ['http'] }, work: { runs: ['messages'] } },
  }
  assert.deepEqual(planned(workers, { application }).services[1]?.worksFor, ['mail'])
  const plan = planned({ services: { app: {} } }, { application })
  assert.equal(connectionsOf(plan, application), 2 * (2 + 8) + 2)
  assert.match(describePlan(plan, application), /1 × \(2 × \(2 \+ 8\) \+ 2\)/)
})

test('a broker carries messages when its address leads to it', () => {
  const services = { app: {} }
  const url = { BANYAN_MESSAGES_URL: 'amqp://broker' }
  assert.equal(planned({ services }).messages, undefined)
  const byAddress = planned({ services }, { environment: url })
  assert.deepEqual(byAddress.messages, { engine: 'rabbitmq', jobs: false })
  const messages = { engine: 'rabbitmq', jobs: true }
  const byFile = planned({ services, messages }, { environment: url })
  assert.deepEqual(byFile.messages, messages)
  const codes = (declaration: unknown, layers = {}): readonly string[] =>
    problemsIn(declaration, layers).map(({ code, path }) => `${code} ${path}`)
  assert.deepEqual(codes({ services, messages }), ['TOPOLOGY_MESSAGES_UNSET messages.engine'])
  assert.deepEqual(codes({ services }, { environment: url, flags: ['messages.engine=nats'] }), [
    'TOPOLOGY_MESSAGES_UNSET messages.engine',
  ])
  assert.deepEqual(codes({ services, messages: { jobs: true } }), [
    'TOPOLOGY_VALUE_UNUSED messages.jobs',
  ])
  assert.deepEqual(codes({ services }, { environment: { BANYAN_MESSAGES_URL: 'mqtt://x' } }), [
    'TOPOLOGY_VALUE_UNKNOWN messages.engine',
  ])
})

test('modules keep the order of the file, roles have one order', () => {
  const modules = ['orders', 'catalog', 'search', 'inventory', 'checkout']
  const { services } = planned({ services: { app: { modules, runs: ['schedules', 'http'] } } })
  assert.deepEqual(services[0]?.modules, modules)
  assert.deepEqual(services[0]?.runs, ['http', 'schedules'])
})

test('a flag wins over the environment, which wins over the file, which wins over the default', () => {
  const topology = { services: { app: {} }, listen: { port: 1 }, drain: { notice: '2s' } }
  const environment = { BANYAN_PORT: '2', BANYAN_DRAIN_NOTICE: '3s' }
  const flags = ['listen.port=3', 'listen.port=4']
  const seen = [
    planned({ services: { app: {} } }),
    planned(topology),
    planned(topology, { environment }),
    planned(topology, { environment, flags }),
  ].map(({ listen, drain, origins }) => [
    [listen.port, origins['listen.port']],
    [drain.noticeMs, origins['drain.noticeMs']],
  ])
  assert.deepEqual(seen, [
    [
      [4_000, 'default'],
      [1_000, 'default'],
    ],
    [
      [1, 'file'],
      [2_000, 'file'],
    ],
    [
      [2, 'environment'],
      [3_000, 'environment'],
    ],
    [
      [4, 'flag'],
      [3_000, 'environment'],
    ],
  ])
})

test('variables that scale an instance speak of all services', () => {
  const environment = {
    BANYAN_IN_FLIGHT_MAX: '7',
    BANYAN_READ_CONNECTIONS_MAX: '1',
    BANYAN_TRANSACTIONS_MAX: '3',
    BANYAN_HOST: '0.0.0.0',
    BANYAN_DRAIN_DEADLINE: '40s',
  }
  const flags = ['services.rest.pool.readers=4']
  const plan = planned({ services: { edge, rest: everything } }, { environment, flags })
  assert.deepEqual(
    plan.services.map(({ inFlightMax }) => inFlightMax),
    [7, 7],
  )
  assert.deepEqual(plan.services[1]?.pool, { readers: 4, transactions: 3 })
  assert.deepEqual([plan.listen.host, plan.drain.deadlineMs], ['0.0.0.0', 40_000])
})

test('every variable of a field is read, and a text of a flag becomes a value of the right type', () => {
  const variables = fieldList.flatMap(({ variable }) => variable ?? [])
  assert.deepEqual(variables.sort(), [
    'BANYAN_DRAIN_DEADLINE',
    'BANYAN_DRAIN_NOTICE',
    'BANYAN_HOST',
    'BANYAN_IN_FLIGHT_MAX',
    'BANYAN_MESSAGES_URL',
    'BANYAN_PORT',
    'BANYAN_READ_CONNECTIONS_MAX',
    'BANYAN_TRANSACTIONS_MAX',
    'DATABASE_URL',
  ])
  const flags = [
    'services.edge.runs=http',
    'services.rest.modules=catalog, search,inventory,orders,checkout',
    'services.rest.instances=2',
    'calls.transport=tcp',
    'calls.mtls=true',
    'drain.notice=2s',
  ]
  const plan = planned({ services: { edge: {}, rest: {} } }, { flags })
  assert.deepEqual(plan.services[1]?.modules[1], 'search')
  assert.deepEqual([plan.services[1]?.instances, plan.drain.noticeMs], [2, 2_000])
  assert.deepEqual([plan.calls.mtls, plan.calls.transport], [true, 'tcp'])
})

test('DATABASE_URL names the server, whatever the file says, and a flag wins over it', () => {
  const topology = { services: { app: {} }, database: { server: 'embedded' } }
  const environment = { DATABASE_URL: 'postgres://db/shop' }
  const { database, origins } = planned(topology, { environment })
  assert.deepEqual([database?.server, database?.connectionsMax], ['environment', 100])
  assert.equal(origins['database.server'], 'environment')
  const flagged = planned(topology, { environment, flags: ['database.server=embedded'] })
  assert.deepEqual([flagged.database?.server, flagged.database?.connectionsMax], ['embedded', 200])
})

test('an application without tables has no database, and says so of values that speak of one', () => {
  const application = sampleApplication([{ name: 'clock' }])
  const plan = planned({ services: { app: {} } }, { application })
  assert.deepEqual([plan.database, plan.origins['database']], [undefined, 'default'])
  const topology = { services: { app: {} }, database: { connectionsMax: 50 } }
  const [problem] = problemsIn(topology, { application })
  assert.deepEqual(
    [problem?.code, problem?.path],
    ['TOPOLOGY_VALUE_UNUSED', 'database.connectionsMax'],
  )
  const environment = { DATABASE_URL: 'postgres://db/shop' }
  assert.equal(planned({ services: { app: {} } }, { application, environment }).database, undefined)
})

test('a flag may turn a gateway off whose options stand in the file', () => {
  const topology = {
    services: { app: {} },
    gateway: { ...haproxy, retries: false, checkEvery: '1s' },
    timeouts: { gateway: '16s' },
  }
  assert.equal(planned(topology).gateway?.checkEveryMs, 1_000)
  const plan = planned(topology, { flags: ['gateway=none'] })
  assert.deepEqual([plan.gateway, plan.origins['gateway']], [undefined, 'flag'])
  assert.equal(plan.timeouts.gatewayMs, 17_000)
})

test('time-outs that are not given follow from the longest operation', () => {
  const application = sampleApplication([{ name: 'report', timeout: '10m' }])
  const { timeouts } = planned({ services: { app: {} } }, { application })
  assert.deepEqual(timeouts, { clientMs: 607_000, gatewayMs: 602_000, operationMs: 600_000 })
})

test('connections per pair depend on the carrier', () => {
  const connections = (carrier: string): number =>
    planned({ services: { app: {} }, calls: { carrier } }).calls.connections
  assert.deepEqual([connections('frames'), connections('post')], [1, 32])
})

test('a module that nobody runs is told with those who would call it', () => {
  const modules = ['catalog', 'search', 'orders', 'checkout']
  const problems = problemsIn({ services: { edge, sales: { modules } } })
  assert.deepEqual(
    problems.map(({ code, path, message }) => [code, path, message]),
    [
      ['TOPOLOGY_MODULE_UNPLACED', 'services', 'no service runs the module "inventory"'],
      [
        'TOPOLOGY_USE_UNREACHABLE',
        'services.sales.modules',
        'orders would call "inventory", which no service runs',
      ],
    ],
  )
})

test('all problems are told at once, in one error that people can read', () => {
  const topology = {
    services: {
      edge: { ...edge, instances: 0 },
      Rest: { modules: ['catalog', 'serch'], pol: { readers: 1 } },
    },
    gatway: haproxy,
    drain: { notice: '1h' },
    calls: { mtls: true },
    timeouts: { client: '5s' },
  }
  const problems = problemsIn(topology)
  assert.deepEqual(
    problems.map(({ code }) => code.replace('TOPOLOGY_', '')),
    [
      'VALUE_OUT_OF_RANGE',
      'KEY_UNKNOWN',
      'KEY_UNKNOWN',
      'VALUE_OUT_OF_RANGE',
      'SERVICE_NAME_INVALID',
      'MODULE_UNKNOWN',
      'MTLS_UNSUPPORTED',
      'TIMEOUTS_UNORDERED',
    ],
  )
  assert.throws(
    () => planned(topology),
    (error) => {
      assert.ok(topologyInvalid.is(error))
      assert.equal(error.kind, 'invalid')
      assert.match(error.message, /^the topology "sample" cannot be planned:\n/)
      for (const { code, message, fix } of problems) {
        assert.ok(error.message.includes(`\n  ${code}  ${message}\n    fix   ${fix}`))
      }
      return true
    },
  )
})

test('a topology that is all wrong does not grow its error without limit', () => {
  const services = Array.from({ length: 1_000 }, (_, index) => [`S${index}`, { modules: 1 }])
  assert.equal(problemsIn({ services: Object.fromEntries(services) }).length, 100)
})

test('a message names path and value, shortened', () => {
  const [problem] = problemsIn({ services: { app: { modules: 'x'.repeat(500) } } })
  assert.match(problem?.message ?? '', /^services\.app\.modules is "x{59}…$/)
  const [flagged] = problemsIn({ services: { app: {} } }, { flags: ['listen.port=http'] })
  assert.match(flagged?.message ?? '', /^listen\.port is "http" \(--set listen\.port=http\)$/)
  const environment = { BANYAN_PORT: '70000' }
  const [set] = problemsIn({ services: { app: {} } }, { environment })
  assert.equal(set?.message, 'listen.port is 70000 (BANYAN_PORT), which is out of range')
  assert.equal(set?.fix, 'Give a whole number from 0 to 65535.')
})

test('pools that are too large are told service by service', () => {
  const topology = { services: { edge, rest: { ...everything, instances: 5 } } }
  const [problem] = problemsIn(topology)
  assert.match(problem?.message ?? '', /200 connections \(rest 5 × 40\) and 10 are reserved/)
})

test('the last port is enough for one instance, and port 0 for any number', () => {
  const at = (port: number, instances: number): readonly string[] =>
    problemsIn({ services: { app: { instances } }, listen: { port } }).map(({ code }) => code)
  assert.deepEqual(at(65_535, 1), [])
  assert.deepEqual(at(65_534, 2), [])
  assert.deepEqual(at(65_535, 2), ['TOPOLOGY_PORTS_EXCEEDED'])
  assert.deepEqual(at(0, 3), [])
})

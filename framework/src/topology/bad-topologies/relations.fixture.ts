import {
  app,
  appWith,
  bad,
  type BadGroup,
  edge,
  edgeWith,
  everything,
  haproxy,
} from './bad-topology.fixture.ts'

const placement: BadGroup = {
  group: 'placement',
  accepted: {
    services: {
      edge,
      browse: { modules: ['catalog', 'search', 'inventory'] },
      // A module may stand in two services.
      sales: { modules: ['inventory', 'orders', 'checkout'], runs: ['schedules'] },
    },
  },
  refused: [
    bad(
      'a misspelt module',
      ['TOPOLOGY_MODULE_UNKNOWN', 'services.app.modules[0]'],
      appWith({ modules: ['catalg', 'search', 'inventory', 'orders', 'checkout'] }),
      { nearest: 'catalog' },
    ),
    bad(
      'a module of another application',
      ['TOPOLOGY_MODULE_UNKNOWN', 'services.edge.modules[0]'],
      edgeWith({ modules: ['payroll'], runs: ['http'] }),
    ),
    bad(
      'all modules inside a list',
      ['TOPOLOGY_MODULE_UNKNOWN', 'services.app.modules[0]'],
      appWith({ modules: ['*'] }),
    ),
    bad(
      'a module twice in one service',
      ['TOPOLOGY_NAME_REPEATED', 'services.edge.modules[2]'],
      edgeWith({ modules: ['catalog', 'search', 'catalog'], runs: ['http'] }),
    ),
    bad(
      'a module that nobody runs or uses',
      ['TOPOLOGY_MODULE_UNPLACED', 'services'],
      appWith({ modules: ['catalog', 'search', 'inventory', 'orders'] }),
    ),
    bad(
      'schedules that nobody runs',
      ['TOPOLOGY_SCHEDULES_UNPLACED', 'services'],
      appWith({ runs: ['http'] }),
    ),
    bad(
      'schedules that run only where the module is not',
      ['TOPOLOGY_SCHEDULES_UNPLACED', 'services'],
      {
        services: {
          web: { modules: ['orders', 'checkout'], runs: ['http'] },
          rest: { modules: ['catalog', 'search', 'inventory'], runs: ['schedules'] },
        },
      },
    ),
    bad(
      'a misspelt role',
      ['TOPOLOGY_ROLE_UNKNOWN', 'services.app.runs[1]'],
      appWith({ runs: ['http', 'schedule'] }),
      { nearest: 'schedules' },
    ),
    bad(
      'a role that this version does not have',
      ['TOPOLOGY_ROLE_UNKNOWN', 'services.app.runs[2]'],
      appWith({ runs: ['http', 'schedules', 'jobs'] }),
    ),
    bad(
      'a role twice',
      ['TOPOLOGY_NAME_REPEATED', 'services.app.runs[2]'],
      appWith({ runs: ['http', 'schedules', 'http'] }),
    ),
    bad(
      'one service that serves no HTTP',
      ['TOPOLOGY_HTTP_MISSING', 'services'],
      appWith({ runs: ['schedules'] }),
    ),
    bad('several services of which none serves HTTP', ['TOPOLOGY_HTTP_MISSING', 'services'], {
      services: { browse: { modules: ['catalog', 'search'] }, rest: { modules: '*' } },
    }),
    bad('a service without anything to do', ['TOPOLOGY_SERVICE_IDLE', 'services.work'], {
      services: { app: everything, work: {} },
    }),
    bad(
      'a service that runs the schedules of no module',
      ['TOPOLOGY_SERVICE_IDLE', 'services.work'],
      { services: { app: everything, work: { runs: ['schedules'] } } },
    ),
    bad(
      'an edge that would work on messages',
      ['TOPOLOGY_VALUE_UNUSED', 'services.edge.runs'],
      edgeWith({ runs: ['http', 'messages'] }),
    ),
    bad(
      'an edge that would run schedules',
      ['TOPOLOGY_VALUE_UNUSED', 'services.edge.runs'],
      edgeWith({ runs: ['http', 'schedules'] }),
    ),
  ],
}

const database: BadGroup = {
  group: 'database',
  accepted: {
    ...appWith({ instances: 2, pool: { readers: 2, transactions: 9 } }),
    database: { server: 'environment', connectionsMax: 92, connectionsReserved: 4 },
  },
  environment: { DATABASE_URL: 'postgres://db/shop' },
  refused: [
    bad('an engine that is none', ['TOPOLOGY_VALUE_UNKNOWN', 'database.server'], {
      ...app,
      database: { server: 'sqlite' },
    }),
    bad(
      'a misspelt server',
      ['TOPOLOGY_VALUE_UNKNOWN', 'database.server'],
      { ...app, database: { server: 'embeded' } },
      { nearest: 'embedded' },
    ),
    bad(
      'a server of the environment that names none',
      ['TOPOLOGY_DATABASE_UNSET', 'database.server'],
      { ...app, database: { server: 'environment' } },
    ),
    bad(
      'a variable that is empty',
      ['TOPOLOGY_DATABASE_UNSET', 'database.server'],
      { ...app, database: { server: 'environment' } },
      { environment: { DATABASE_URL: '' } },
    ),
    bad(
      'more connections than the embedded server allows',
      ['TOPOLOGY_VALUE_OUT_OF_RANGE', 'database.connectionsMax'],
      { ...app, database: { connectionsMax: 500 } },
    ),
    bad(
      'more connections reserved than there are',
      ['TOPOLOGY_VALUE_OUT_OF_RANGE', 'database.connectionsReserved'],
      { ...app, database: { connectionsReserved: 200 } },
    ),
    bad(
      'pools of one service beyond the server',
      ['TOPOLOGY_CONNECTIONS_EXCEEDED', 'database.connectionsMax'],
      appWith({ pool: { transactions: 100 } }),
    ),
    bad(
      'pools of many instances beyond the server',
      ['TOPOLOGY_CONNECTIONS_EXCEEDED', 'database.connectionsMax'],
      { ...appWith({ instances: 5 }), gateway: haproxy },
    ),
    bad(
      'one connection too many, the reserved ones counted',
      ['TOPOLOGY_CONNECTIONS_EXCEEDED', 'database.connectionsMax'],
      { ...app, database: { connectionsMax: 49 } },
    ),
    bad(
      'pools beyond a server that nobody configured',
      ['TOPOLOGY_CONNECTIONS_EXCEEDED', 'database.connectionsMax'],
      appWith({ instances: 3 }),
      { environment: { DATABASE_URL: 'postgres://db/shop' } },
    ),
    bad(
      'a pool of a service that keeps no rows',
      ['TOPOLOGY_VALUE_UNUSED', 'services.edge.pool.readers'],
      edgeWith({ ...edge, pool: { readers: 4 } }),
    ),
  ],
}

const calls: BadGroup = {
  group: 'calls',
  accepted: { ...app, calls: { carrier: 'post', transport: 'tcp', mtls: true } },
  refused: [
    bad('mutual TLS over a unix socket', ['TOPOLOGY_MTLS_UNSUPPORTED', 'calls.mtls'], {
      ...app,
      calls: { transport: 'unix', mtls: true },
    }),
    bad('mutual TLS over the standard transport', ['TOPOLOGY_MTLS_UNSUPPORTED', 'calls.mtls'], {
      ...app,
      calls: { mtls: true },
    }),
    bad(
      'a misspelt carrier',
      ['TOPOLOGY_VALUE_UNKNOWN', 'calls.carrier'],
      { ...app, calls: { carrier: 'frame' } },
      { nearest: 'frames' },
    ),
    bad('a carrier of others', ['TOPOLOGY_VALUE_UNKNOWN', 'calls.carrier'], {
      ...app,
      calls: { carrier: 'grpc' },
    }),
    bad(
      'a transport in capitals',
      ['TOPOLOGY_VALUE_UNKNOWN', 'calls.transport'],
      { ...app, calls: { transport: 'TCP' } },
      { nearest: 'tcp' },
    ),
  ],
}

const gateway: BadGroup = {
  group: 'gateway and ports',
  accepted: { ...appWith({ instances: 2 }), gateway: haproxy, listen: { port: 65_535 } },
  refused: [
    bad(
      'a misspelt engine',
      ['TOPOLOGY_ENGINE_UNKNOWN', 'gateway.engine'],
      { ...app, gateway: { engine: 'ha-proxy' } },
      { nearest: 'haproxy' },
    ),
    bad(
      'an engine that there is not, whose options are not told again',
      ['TOPOLOGY_ENGINE_UNKNOWN', 'gateway.engine'],
      { ...app, gateway: { engine: 'nginx', retries: false } },
    ),
    bad('an engine that there is not, in short', ['TOPOLOGY_ENGINE_UNKNOWN', 'gateway.engine'], {
      ...app,
      gateway: 'envoy',
    }),
    bad('options of a gateway without an engine', ['TOPOLOGY_VALUE_UNUSED', 'gateway.retries'], {
      ...app,
      gateway: { retries: false },
    }),
    bad(
      'a time-out of a gateway that there is not',
      ['TOPOLOGY_VALUE_UNUSED', 'timeouts.gateway'],
      { ...app, timeouts: { gateway: '20s' } },
    ),
    bad('a gateway on a port that is not known before', ['TOPOLOGY_PORT_OPEN', 'listen.port'], {
      ...app,
      gateway: haproxy,
      listen: { port: 0 },
    }),
    bad('instances on ports beyond the last', ['TOPOLOGY_PORTS_EXCEEDED', 'listen.port'], {
      ...appWith({ instances: 2 }),
      listen: { port: 65_535 },
    }),
    bad('two services on ports beyond the last', ['TOPOLOGY_PORTS_EXCEEDED', 'listen.port'], {
      services: { app: everything, edge },
      listen: { port: 65_535 },
    }),
  ],
}

const times: BadGroup = {
  group: 'times',
  accepted: {
    ...app,
    gateway: haproxy,
    timeouts: { client: 15_002, gateway: 15_001 },
    drain: { notice: '24999ms', deadline: '25s' },
  },
  refused: [
    bad(
      'a gateway that gives up before the longest operation',
      ['TOPOLOGY_TIMEOUTS_UNORDERED', 'timeouts.gateway'],
      { ...app, gateway: haproxy, timeouts: { gateway: '10s' } },
    ),
    bad(
      'a gateway that gives up with the longest operation',
      ['TOPOLOGY_TIMEOUTS_UNORDERED', 'timeouts.gateway'],
      { ...app, gateway: haproxy, timeouts: { gateway: '15s' } },
    ),
    bad(
      'a client that gives up before the gateway',
      ['TOPOLOGY_TIMEOUTS_UNORDERED', 'timeouts.client'],
      { ...app, gateway: haproxy, timeouts: { client: '20s', gateway: '30s' } },
    ),
    bad(
      'a client that gives up before the longest operation, without a gateway',
      ['TOPOLOGY_TIMEOUTS_UNORDERED', 'timeouts.client'],
      { ...app, timeouts: { client: '10s' } },
    ),
    bad('a notice that takes the whole deadline', ['TOPOLOGY_DRAIN_UNORDERED', 'drain.notice'], {
      ...app,
      drain: { notice: '25s' },
    }),
    bad('a deadline within the notice', ['TOPOLOGY_DRAIN_UNORDERED', 'drain.notice'], {
      ...app,
      drain: { deadline: '500ms' },
    }),
  ],
}

const available = { ...everything, instances: 2 }
const availability: BadGroup = {
  group: 'availability',
  accepted: { services: { app: available }, gateway: haproxy, availability: true },
  refused: [
    bad('one instance', ['TOPOLOGY_INSTANCES_FEW', 'services.app.instances'], {
      ...app,
      gateway: haproxy,
      availability: true,
    }),
    bad(
      'one instance of one of the services',
      ['TOPOLOGY_INSTANCES_FEW', 'services.edge.instances'],
      { services: { app: available, edge }, gateway: haproxy, availability: true },
    ),
    bad(
      'two instances and nobody who leads clients to the other one',
      ['TOPOLOGY_GATEWAY_MISSING', 'gateway'],
      { services: { app: available }, availability: true },
    ),
  ],
}

/** Values that do not go together. */
export const badRelations: readonly BadGroup[] = [
  placement,
  database,
  calls,
  gateway,
  times,
  availability,
]

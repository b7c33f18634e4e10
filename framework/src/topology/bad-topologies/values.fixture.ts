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

const shapes: BadGroup = {
  group: 'shapes',
  accepted: app,
  refused: [
    bad('nothing at all', ['TOPOLOGY_VALUE_MISTYPED', 'topology'], null),
    bad('a list instead of an object', ['TOPOLOGY_VALUE_MISTYPED', 'topology'], [app]),
    bad('a function that would make it', ['TOPOLOGY_VALUE_MISTYPED', 'topology'], () => app),
    bad('no services', ['TOPOLOGY_SERVICE_MISSING', 'services'], {}),
    bad('services without a service', ['TOPOLOGY_SERVICE_MISSING', 'services'], { services: {} }),
    bad('services as a list', ['TOPOLOGY_VALUE_MISTYPED', 'services'], { services: [everything] }),
    bad('services as a map', ['TOPOLOGY_VALUE_MISTYPED', 'services'], {
      services: new Map([['app', everything]]),
    }),
    bad('a service that is a text', ['TOPOLOGY_VALUE_MISTYPED', 'services.app'], {
      services: { app: 'everything' },
    }),
    bad('a service that is null', ['TOPOLOGY_VALUE_MISTYPED', 'services.work'], {
      services: { app: everything, work: null },
    }),
    bad(
      'a pool that is a number',
      ['TOPOLOGY_VALUE_MISTYPED', 'services.app.pool'],
      appWith({ pool: 10 }),
    ),
    bad('a database that is a text', ['TOPOLOGY_VALUE_MISTYPED', 'database'], {
      ...app,
      database: 'postgres',
    }),
  ],
}

const keys: BadGroup = {
  group: 'keys',
  accepted: { ...app, listen: { port: 4_001 }, drain: { notice: '2s' } },
  refused: [
    bad(
      'a misspelt key at the root',
      ['TOPOLOGY_KEY_UNKNOWN', 'lisen'],
      { ...app, lisen: { port: 4_001 } },
      { nearest: 'listen' },
    ),
    bad(
      'a misspelt key of a service',
      ['TOPOLOGY_KEY_UNKNOWN', 'services.app.instnces'],
      { services: { app: { ...everything, instnces: 3 } } },
      { nearest: 'instances' },
    ),
    bad(
      'a misspelt list of modules, whose consequences are not told again',
      ['TOPOLOGY_KEY_UNKNOWN', 'services.rest.module'],
      { services: { edge, rest: { module: '*' } } },
      { nearest: 'modules' },
    ),
    bad(
      'a misspelt key of a pool',
      ['TOPOLOGY_KEY_UNKNOWN', 'services.app.pool.reader'],
      appWith({ pool: { reader: 1 } }),
      { nearest: 'readers' },
    ),
    bad(
      'the path in the plan instead of the one in the file',
      ['TOPOLOGY_KEY_UNKNOWN', 'drain.noticeMs'],
      { ...app, drain: { noticeMs: 2_000 } },
      { nearest: 'notice' },
    ),
    bad('an option that this version does not have', ['TOPOLOGY_KEY_UNKNOWN', 'events'], {
      ...app,
      events: { engine: 'rabbitmq' },
    }),
    bad(
      'shards, which this version does not have',
      ['TOPOLOGY_KEY_UNKNOWN', 'database.shardsOver'],
      { ...app, database: { shardsOver: 4 } },
    ),
    bad('a name that every object has', ['TOPOLOGY_KEY_UNKNOWN', 'constructor'], {
      ...app,
      constructor: {},
    }),
  ],
}

const types: BadGroup = {
  group: 'types',
  accepted: {
    ...appWith({ instances: 2, inFlightMax: 10 }),
    drain: { notice: 500, deadline: '30s' },
    calls: { mtls: false },
    listen: { host: '::1', port: 80 },
  },
  refused: [
    bad(
      'a number as a text',
      ['TOPOLOGY_VALUE_MISTYPED', 'services.app.instances'],
      appWith({ instances: '3' }),
    ),
    bad(
      'a range of instances, which this version does not have',
      ['TOPOLOGY_VALUE_MISTYPED', 'services.app.instances'],
      appWith({ instances: { min: 2, max: 8 } }),
    ),
    bad(
      'half an instance',
      ['TOPOLOGY_VALUE_MISTYPED', 'services.app.instances'],
      appWith({ instances: 1.5 }),
    ),
    bad(
      'instances that are no number',
      ['TOPOLOGY_VALUE_MISTYPED', 'services.app.instances'],
      appWith({ instances: Number.NaN }),
    ),
    bad(
      'a number that JSON cannot write',
      ['TOPOLOGY_VALUE_MISTYPED', 'services.app.inFlightMax'],
      appWith({ inFlightMax: 10n }),
    ),
    bad(
      'one module that is not in a list',
      ['TOPOLOGY_VALUE_MISTYPED', 'services.rest.modules'],
      edgeWith(edge, { modules: 'catalog' }),
    ),
    bad(
      'a list of modules that are not names',
      ['TOPOLOGY_VALUE_MISTYPED', 'services.app.modules'],
      appWith({ modules: [{ name: 'catalog' }] }),
    ),
    bad(
      'one role that is not in a list',
      ['TOPOLOGY_VALUE_MISTYPED', 'services.app.runs'],
      appWith({ runs: 'http' }),
    ),
    bad('a flag as a text', ['TOPOLOGY_VALUE_MISTYPED', 'availability'], {
      ...app,
      availability: 'yes',
    }),
    bad('a duration without a unit', ['TOPOLOGY_VALUE_MISTYPED', 'drain.notice'], {
      ...app,
      drain: { notice: '2' },
    }),
    bad('a duration with a unit of its own', ['TOPOLOGY_VALUE_MISTYPED', 'drain.deadline'], {
      ...app,
      drain: { deadline: '1 minute' },
    }),
    bad(
      'a duration of a part of a millisecond',
      ['TOPOLOGY_VALUE_MISTYPED', 'gateway.checkEvery'],
      { ...app, gateway: { ...haproxy, checkEvery: '500.5ms' } },
    ),
    bad('an address that is none', ['TOPOLOGY_VALUE_MISTYPED', 'listen.host'], {
      ...app,
      listen: { host: 'http://localhost' },
    }),
    bad('an empty address', ['TOPOLOGY_VALUE_MISTYPED', 'listen.host'], {
      ...app,
      listen: { host: '' },
    }),
  ],
}

const bounds: BadGroup = {
  group: 'bounds',
  accepted: {
    services: {
      app: { ...everything, inFlightMax: 100_000, pool: { readers: 1, transactions: 1 } },
      edge: { ...edge, instances: 255 },
    },
    gateway: { ...haproxy, checkEvery: 100, connectionsMax: 1_000_000 },
    listen: { port: 65_535 },
    calls: { connections: 64 },
  },
  refused: [
    bad(
      'no instance',
      ['TOPOLOGY_VALUE_OUT_OF_RANGE', 'services.app.instances'],
      appWith({ instances: 0 }),
    ),
    bad(
      'more instances than a machine is given',
      ['TOPOLOGY_VALUE_OUT_OF_RANGE', 'services.edge.instances'],
      edgeWith({ ...edge, instances: 257 }),
    ),
    bad(
      'more instances than a machine is given, together',
      ['TOPOLOGY_INSTANCES_EXCEEDED', 'services'],
      { ...edgeWith({ ...edge, instances: 256 }), gateway: haproxy },
    ),
    bad(
      'no call in flight',
      ['TOPOLOGY_VALUE_OUT_OF_RANGE', 'services.app.inFlightMax'],
      appWith({ inFlightMax: 0 }),
    ),
    bad(
      'no reader',
      ['TOPOLOGY_VALUE_OUT_OF_RANGE', 'services.app.pool.readers'],
      appWith({ pool: { readers: 0 } }),
    ),
    bad(
      'more transactions than the data room allows',
      ['TOPOLOGY_VALUE_OUT_OF_RANGE', 'services.app.pool.transactions'],
      appWith({ pool: { transactions: 257 } }),
    ),
    bad('a port beyond the last', ['TOPOLOGY_VALUE_OUT_OF_RANGE', 'listen.port'], {
      ...app,
      listen: { port: 65_536 },
    }),
    bad('a negative port', ['TOPOLOGY_VALUE_OUT_OF_RANGE', 'listen.port'], {
      ...app,
      listen: { port: -1 },
    }),
    bad('a notice longer than five minutes', ['TOPOLOGY_VALUE_OUT_OF_RANGE', 'drain.notice'], {
      ...app,
      drain: { notice: '6m', deadline: '10m' },
    }),
    bad('a negative duration', ['TOPOLOGY_VALUE_OUT_OF_RANGE', 'drain.notice'], {
      ...app,
      drain: { notice: -1 },
    }),
    bad(
      'checks that are a load of their own',
      ['TOPOLOGY_VALUE_OUT_OF_RANGE', 'gateway.checkEvery'],
      { ...app, gateway: { ...haproxy, checkEvery: '10ms' } },
    ),
    bad('too many connections per pair', ['TOPOLOGY_VALUE_OUT_OF_RANGE', 'calls.connections'], {
      ...app,
      calls: { connections: 65 },
    }),
  ],
}

const serviceNames: BadGroup = {
  group: 'names of services',
  accepted: { services: { 'order-desk2': everything, [`a${'b'.repeat(31)}`]: edge } },
  refused: [
    bad('capital letters', ['TOPOLOGY_SERVICE_NAME_INVALID', 'services.App'], {
      services: { App: everything },
    }),
    bad('an underscore', ['TOPOLOGY_SERVICE_NAME_INVALID', 'services.order_desk'], {
      services: { order_desk: everything },
    }),
    bad('a hyphen at the end', ['TOPOLOGY_SERVICE_NAME_INVALID', 'services.order-'], {
      services: { 'order-': everything },
    }),
    bad('two hyphens', ['TOPOLOGY_SERVICE_NAME_INVALID', 'services.order--desk'], {
      services: { 'order--desk': everything },
    }),
    bad('a digit at the front', ['TOPOLOGY_SERVICE_NAME_INVALID', 'services.2nd'], {
      services: { '2nd': everything },
    }),
    bad('a path out of the folder', ['TOPOLOGY_SERVICE_NAME_INVALID', 'services.../app'], {
      services: { '../app': everything },
    }),
    bad('no name', ['TOPOLOGY_SERVICE_NAME_INVALID', 'services.'], {
      services: { '': everything },
    }),
    bad(
      'more than a socket path has room for',
      ['TOPOLOGY_SERVICE_NAME_INVALID', `services.a${'b'.repeat(32)}`],
      { services: { [`a${'b'.repeat(32)}`]: everything } },
    ),
    bad(
      'the name of a process of the supervisor',
      ['TOPOLOGY_SERVICE_NAME_INVALID', 'services.gateway'],
      { services: { gateway: everything } },
    ),
  ],
}

const variables: BadGroup = {
  group: 'variables and flags',
  accepted: app,
  environment: { BANYAN_PORT: '4100', BANYAN_DRAIN_NOTICE: '0s', BANYAN_IN_FLIGHT_MAX: '' },
  flags: ['services.app.instances=2', 'gateway=haproxy', 'availability=true'],
  refused: [
    bad('a port that is no number', ['TOPOLOGY_VALUE_MISTYPED', 'listen.port'], app, {
      environment: { BANYAN_PORT: 'http' },
    }),
    bad(
      'a variable that is wrong for all services, told once',
      ['TOPOLOGY_VALUE_OUT_OF_RANGE', 'services.*.inFlightMax'],
      { services: { app: everything, edge } },
      { environment: { BANYAN_IN_FLIGHT_MAX: '0' } },
    ),
    bad(
      'a variable that makes the pools too large',
      ['TOPOLOGY_CONNECTIONS_EXCEEDED', 'database.connectionsMax'],
      app,
      { environment: { BANYAN_TRANSACTIONS_MAX: '60' } },
    ),
    bad('a flag without a value', ['TOPOLOGY_FLAG_MALFORMED', 'flags'], app, {
      flags: ['services.app.instances'],
    }),
    bad('a flag without a path', ['TOPOLOGY_FLAG_MALFORMED', 'flags'], app, { flags: ['=3'] }),
    bad('a flag for a misspelt value', ['TOPOLOGY_KEY_UNKNOWN', 'services.app.instnces'], app, {
      flags: ['services.app.instnces=3'],
      nearest: 'services.app.instances',
    }),
    bad('a flag for a part that is no value', ['TOPOLOGY_KEY_UNKNOWN', 'services.app'], app, {
      flags: ['services.app={}'],
    }),
    bad(
      'a flag for a misspelt service',
      ['TOPOLOGY_SERVICE_UNKNOWN', 'services.ap.instances'],
      app,
      { flags: ['services.ap.instances=3'] },
    ),
    bad(
      'a flag for a service that the file does not have',
      ['TOPOLOGY_SERVICE_UNKNOWN', 'services.work.instances'],
      app,
      { flags: ['services.work.instances=3'] },
    ),
    bad(
      'a flag with a text for a number',
      ['TOPOLOGY_VALUE_MISTYPED', 'services.app.instances'],
      app,
      { flags: ['services.app.instances=three'] },
    ),
    bad(
      'a wrong value in the file that a flag overrides',
      ['TOPOLOGY_VALUE_MISTYPED', 'services.app.instances'],
      appWith({ instances: 'three' }),
      { flags: ['services.app.instances=3'] },
    ),
    bad(
      'a flag for a gateway that there is not',
      ['TOPOLOGY_VALUE_UNUSED', 'gateway.retries'],
      app,
      { flags: ['gateway.retries=false'] },
    ),
  ],
}

/** Values that are wrong by themselves. */
export const badValues: readonly BadGroup[] = [shapes, keys, types, bounds, serviceNames, variables]

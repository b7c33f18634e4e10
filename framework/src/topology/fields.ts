import {
  choice,
  duration,
  type Field,
  host,
  integer,
  nameList,
  nameListOrAll,
  toggle,
} from './field.ts'
import { type MessageEngine, messageEngines } from './message-engine.ts'
import type { PlannedCalls, PlannedDatabase } from './plan.ts'
import { ranges } from './ranges.ts'

/** The type of each value. */
interface Fields {
  readonly modules: Field<readonly string[] | '*'>
  readonly runs: Field<readonly string[]>
  readonly instances: Field<number>
  readonly inFlightMax: Field<number>
  readonly readers: Field<number>
  readonly transactions: Field<number>
  readonly server: Field<PlannedDatabase['server']>
  readonly databaseConnections: Field<number>
  readonly connectionsReserved: Field<number>
  readonly carrier: Field<PlannedCalls['carrier']>
  readonly transport: Field<PlannedCalls['transport']>
  readonly mtls: Field<boolean>
  readonly callConnections: Field<number>
  readonly engine: Field<'haproxy' | 'none'>
  readonly retries: Field<boolean>
  readonly checkEvery: Field<number>
  readonly gatewayConnections: Field<number>
  readonly messageEngine: Field<MessageEngine>
  readonly messageJobs: Field<boolean>
  readonly host: Field<string>
  readonly port: Field<number>
  readonly notice: Field<number>
  readonly deadline: Field<number>
  readonly client: Field<number>
  readonly gateway: Field<number>
  readonly availability: Field<boolean>
}

const ofServices = {
  modules: nameListOrAll({
    path: 'services.*.modules',
    meaning: 'Modules whose operations its instances run.',
    standard: "`'*'` if it is the only service, else none",
  }),
  runs: nameList({
    path: 'services.*.runs',
    meaning: "What else its instances do: `'http'`, `'schedules'`.",
    standard: "both if it is the only service; else `['schedules']`, if it has modules",
  }),
  instances: integer(
    { path: 'services.*.instances', meaning: 'How many instances run.', standard: '`1`' },
    ranges.instances,
  ),
  inFlightMax: integer(
    {
      path: 'services.*.inFlightMax',
      meaning: 'Calls in flight per instance; more are refused.',
      standard: '`4096`',
      variable: 'BANYAN_IN_FLIGHT_MAX',
    },
    ranges.inFlightMax,
  ),
  readers: integer(
    {
      path: 'services.*.pool.readers',
      meaning: 'Connections that readers share, per instance and module with tables.',
      standard: '`2`',
      variable: 'BANYAN_READ_CONNECTIONS_MAX',
    },
    ranges.readers,
  ),
  transactions: integer(
    {
      path: 'services.*.pool.transactions',
      meaning: 'Transactions at once, per instance and module with tables; more wait.',
      standard: '`8`',
      variable: 'BANYAN_TRANSACTIONS_MAX',
    },
    ranges.transactions,
  ),
}

const ofDatabase = {
  server: choice(
    {
      path: 'database.server',
      meaning: "`'embedded'`, or the one of DATABASE_URL: `'environment'`.",
      standard: "`'embedded'`; `'environment'` when DATABASE_URL is set",
      variable: 'DATABASE_URL',
    },
    ['embedded', 'environment'],
  ),
  databaseConnections: integer(
    {
      path: 'database.connectionsMax',
      meaning: 'Connections that the server allows; the embedded one allows 200.',
      standard: '`200` embedded, else `100`',
    },
    ranges.databaseConnections,
  ),
  connectionsReserved: integer(
    {
      path: 'database.connectionsReserved',
      meaning: 'Of these, kept for people, tools and instances that start.',
      standard: '`10`',
    },
    ranges.connectionsReserved,
  ),
}

const ofCalls = {
  carrier: choice(
    {
      path: 'calls.carrier',
      meaning: 'How calls between instances travel: multiplexed frames, or one HTTP request each.',
      standard: "`'frames'`",
    },
    ['frames', 'post'],
  ),
  transport: choice(
    { path: 'calls.transport', meaning: 'Over which sockets.', standard: "`'unix'`" },
    ['unix', 'tcp'],
  ),
  mtls: toggle({
    path: 'calls.mtls',
    meaning: 'Mutual TLS between instances; over tcp only.',
    standard: '`false`',
  }),
  callConnections: integer(
    {
      path: 'calls.connections',
      meaning: 'Connections per pair of instances.',
      standard: '`1` for frames, `32` for post',
    },
    ranges.callConnections,
  ),
}

const ofGateway = {
  engine: choice(
    {
      path: 'gateway.engine',
      meaning: 'What leads clients to instances; `--set gateway=none` for nothing.',
      standard: "`'none'`",
    },
    ['haproxy', 'none'],
  ),
  retries: toggle({
    path: 'gateway.retries',
    meaning: 'Whether a request that met a dying instance is repeated, where that is legal.',
    standard: '`true`',
  }),
  checkEvery: duration(
    {
      path: 'gateway.checkEvery',
      meaning: 'How often an instance is checked.',
      standard: '`500ms`',
    },
    ranges.checkEveryMs,
  ),
  gatewayConnections: integer(
    {
      path: 'gateway.connectionsMax',
      meaning: 'Connections from clients at once.',
      standard: '`4096`',
    },
    ranges.gatewayConnections,
  ),
}

const ofMessages = {
  messageEngine: choice(
    {
      path: 'messages.engine',
      meaning: 'What carries events from outboxes to inboxes.',
      standard: "`'postgres'`; the one that BANYAN_MESSAGES_URL names when it is set",
      variable: 'BANYAN_MESSAGES_URL',
    },
    messageEngines,
  ),
  messageJobs: toggle({
    path: 'messages.jobs',
    meaning:
      'Whether it carries jobs too; otherwise they go straight into the queues of their module.',
    standard: '`false`',
  }),
}

const ofListen = {
  host: host({
    path: 'listen.host',
    meaning: 'Address of the public HTTP.',
    standard: '`127.0.0.1`',
    variable: 'BANYAN_HOST',
  }),
  port: integer(
    {
      path: 'listen.port',
      meaning:
        'Its port; without a gateway, further instances take those that follow, and 0 picks.',
      standard: '`4000`',
      variable: 'BANYAN_PORT',
    },
    ranges.port,
  ),
}

const ofTime = {
  notice: duration(
    {
      path: 'drain.notice',
      meaning: 'How long an instance keeps serving after it said that it goes.',
      standard: '`1s`',
      variable: 'BANYAN_DRAIN_NOTICE',
    },
    ranges.noticeMs,
  ),
  deadline: duration(
    {
      path: 'drain.deadline',
      meaning: 'When what is still in flight is cut off, from the same moment.',
      standard: '`25s`',
      variable: 'BANYAN_DRAIN_DEADLINE',
    },
    ranges.deadlineMs,
  ),
  client: duration(
    {
      path: 'timeouts.client',
      meaning: 'The longest that a client is expected to wait.',
      standard: 'the gateway’s + 5 s',
    },
    ranges.clientMs,
  ),
  gateway: duration(
    {
      path: 'timeouts.gateway',
      meaning: 'The longest that the gateway waits for an instance.',
      standard: 'the longest operation’s + 2 s',
    },
    ranges.gatewayMs,
  ),
}

/** Every value that a topology consists of. */
export const fields: Fields = {
  ...ofServices,
  ...ofDatabase,
  ...ofCalls,
  ...ofGateway,
  ...ofMessages,
  ...ofListen,
  ...ofTime,
  availability: toggle({
    path: 'availability',
    meaning: 'Claims that the application survives the loss of any one instance; checked.',
    standard: '`false`',
  }),
}

/** The same, without their types. */
export const fieldList: readonly Field<unknown>[] = Object.values(fields)

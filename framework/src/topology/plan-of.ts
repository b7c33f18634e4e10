import { timeoutMsOf } from '../contract/index.ts'
import type { Application } from '../module/index.ts'
import { checkPlan } from './checks/check-plan.ts'
import { giveEnvironment } from './environment-layer.ts'
import { fields } from './fields.ts'
import { giveFile, servicesOf } from './file-layer.ts'
import { giveFlags } from './flag-layer.ts'
import type { TopologyDeclaration } from './declaration.ts'
import { messageEngineOf } from './message-engine.ts'
import type {
  Plan,
  PlannedCalls,
  PlannedDatabase,
  PlannedGateway,
  PlannedMessages,
  PlannedTimeouts,
} from './plan.ts'
import { planServices } from './plan-services.ts'
import { ProblemList } from './problem-list.ts'
import { serverConnections } from './ranges.ts'
import { Values } from './values.ts'

/** What a plan is made of. */
export interface PlanOptions {
  readonly application: Application
  /** Of the topology: the name of its file without folder and extension. */
  readonly name: string
  readonly topology: TopologyDeclaration
  /** Variables; those that scale an application win over the file. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** `services.sales.instances=3`; they win over everything. */
  readonly flags: readonly string[]
}

/** Resolves a topology. Pure: equal options give equal plans.
 *  @throws TOPOLOGY_INVALID with all that is wrong, each with code, path, message and fix */
export function planOf(options: PlanOptions): Plan {
  const { application, name, topology, environment, flags } = options
  const problems = new ProblemList()
  const values = new Values(servicesOf(topology), problems)
  giveFile(values, topology)
  giveEnvironment(values, environment)
  giveFlags(values, flags)
  const plan = draftPlan(values, application, name)
  if (values.unread.length > 0) throw new Error(`nothing reads ${values.unread.join(', ')}`)
  const hasDatabaseUrl = (environment['DATABASE_URL'] ?? '') !== ''
  const reachable = messageEngineOf(environment['BANYAN_MESSAGES_URL'] ?? '')
  const { services } = values
  checkPlan({ plan, application, problems, services, hasDatabaseUrl, reachable })
  problems.throwIfAny(name)
  return plan
}

/** The plan as the values have it; what is missing or wrong stands there as its default. */
function draftPlan(values: Values, application: Application, topology: string): Plan {
  const gateway = planGateway(values)
  const messages = planMessages(values)
  return {
    format: 1,
    application: application.name,
    topology,
    services: planServices(values, application),
    database: planDatabase(values, application),
    calls: planCalls(values),
    gateway,
    messages,
    listen: {
      host: values.read(fields.host, '127.0.0.1'),
      port: values.read(fields.port, 4_000),
    },
    drain: {
      noticeMs: values.read(fields.notice, 1_000),
      deadlineMs: values.read(fields.deadline, 25_000),
    },
    timeouts: planTimeouts(values, application, gateway),
    availability: values.read(fields.availability, false),
    origins: values.origins,
  }
}

function planDatabase(values: Values, { modules }: Application): PlannedDatabase | undefined {
  const { server, databaseConnections, connectionsReserved } = fields
  if (modules.every(({ tables }) => tables === undefined)) {
    const cause = 'no module of the application has tables'
    values.skip([server, databaseConnections, connectionsReserved], { cause })
    values.note('database', 'default')
    return undefined
  }
  values.note('database.engine', 'default')
  const chosen = values.read(server, 'embedded')
  return {
    engine: 'postgres',
    server: chosen,
    connectionsMax: values.read(databaseConnections, serverConnections[chosen]),
    connectionsReserved: values.read(connectionsReserved, 10),
  }
}

function planCalls(values: Values): PlannedCalls {
  const carrier = values.read(fields.carrier, 'frames')
  return {
    carrier,
    transport: values.read(fields.transport, 'unix'),
    mtls: values.read(fields.mtls, false),
    connections: values.read(fields.callConnections, carrier === 'frames' ? 1 : 32),
  }
}

const noGateway = { cause: 'there is no gateway', by: fields.engine }
const gatewayDetails = [fields.retries, fields.checkEvery, fields.gatewayConnections]

function planGateway(values: Values): PlannedGateway | undefined {
  const engine = values.peek(fields.engine, 'none')
  const origin = values.originOf(fields.engine)
  if (engine === 'none') {
    values.note('gateway', origin)
    values.skip(gatewayDetails, noGateway)
    return undefined
  }
  values.note('gateway.engine', origin)
  return {
    engine,
    retries: values.read(fields.retries, true),
    checkEveryMs: values.read(fields.checkEvery, 500),
    connectionsMax: values.read(fields.gatewayConnections, 4_096),
  }
}

function planMessages(values: Values): PlannedMessages | undefined {
  const engine = values.peek(fields.messageEngine, 'postgres')
  const origin = values.originOf(fields.messageEngine)
  if (engine === 'postgres') {
    values.note('messages', origin)
    const cause = 'PostgreSQL carries messages, and jobs need no carrying'
    values.skip([fields.messageJobs], { cause, by: fields.messageEngine })
    return undefined
  }
  values.note('messages.engine', origin)
  return { engine, jobs: values.read(fields.messageJobs, false) }
}

function planTimeouts(
  values: Values,
  application: Application,
  gateway: PlannedGateway | undefined,
): PlannedTimeouts {
  const operationMs = longestTimeoutMs(application)
  values.note('timeouts.operationMs', 'default')
  if (gateway === undefined) values.skip([fields.gateway], noGateway)
  const gatewayMs = values.read(fields.gateway, operationMs + 2_000)
  const clientMs = values.read(fields.client, gatewayMs + 5_000)
  return { clientMs, gatewayMs, operationMs }
}

function longestTimeoutMs({ modules }: Application): number {
  const timeouts = modules.flatMap(({ contract }) =>
    Object.entries(contract.operations).map(([name, operation]) =>
      timeoutMsOf(operation, `${contract.name}.${name}`),
    ),
  )
  return Math.max(0, ...timeouts)
}

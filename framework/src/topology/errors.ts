import { defineError, type ErrorDefinition } from '../kernel/index.ts'
import { type Problem, problemTexts } from './problem.ts'

export const topologyInvalid: ErrorDefinition<{
  topology: string
  problems: readonly Problem[]
}> = defineError('TOPOLOGY_INVALID', 'invalid', {
  message: ({ topology, problems }) =>
    `the topology "${topology}" cannot be planned:${problemTexts(problems)}`,
  fix: 'Correct the file, the variables or the flags that are named.',
})

export const topologyKeyUnknown: ErrorDefinition<{
  path: string
  nearest: string
  known: string
}> = defineError('TOPOLOGY_KEY_UNKNOWN', 'invalid', {
  message: ({ path }) => `${path} means nothing here`,
  fix: ({ nearest, known }) =>
    nearest === '' ? `Known here: ${known}.` : `Did you mean ${nearest}?`,
})

export const topologyValueMistyped: ErrorDefinition<{
  path: string
  value: string
  expected: string
}> = defineError('TOPOLOGY_VALUE_MISTYPED', 'invalid', {
  message: ({ path, value }) => `${path} is ${value}`,
  fix: ({ expected }) => `Give ${expected}.`,
})

export const topologyValueOutOfRange: ErrorDefinition<{
  path: string
  value: string
  expected: string
}> = defineError('TOPOLOGY_VALUE_OUT_OF_RANGE', 'invalid', {
  message: ({ path, value }) => `${path} is ${value}, which is out of range`,
  fix: ({ expected }) => `Give ${expected}.`,
})

export const topologyValueUnknown: ErrorDefinition<{
  path: string
  value: string
  expected: string
  nearest: string
}> = defineError('TOPOLOGY_VALUE_UNKNOWN', 'invalid', {
  message: ({ path, value }) => `${path} is ${value}, which Banyan does not know`,
  fix: ({ expected, nearest }) =>
    nearest === '' ? `Give ${expected}.` : `Did you mean '${nearest}'?`,
})

export const topologyValueUnused: ErrorDefinition<{
  path: string
  value: string
  cause: string
}> = defineError('TOPOLOGY_VALUE_UNUSED', 'invalid', {
  message: ({ path, value, cause }) => `${path} is ${value}, but ${cause}`,
  fix: 'Remove it, or give it something to act on: a value without effect would look like one in force.',
})

export const topologyFlagMalformed: ErrorDefinition<{ path: string; value: string }> = defineError(
  'TOPOLOGY_FLAG_MALFORMED',
  'invalid',
  {
    message: ({ value }) => `--set ${value} is not <path>=<value>`,
    fix: 'Write for example --set services.sales.instances=3.',
  },
)

export const topologyEngineUnknown: ErrorDefinition<{
  path: string
  value: string
  expected: string
  nearest: string
}> = defineError('TOPOLOGY_ENGINE_UNKNOWN', 'invalid', {
  message: ({ path, value }) => `${path} is ${value}, for which there is no engine`,
  fix: ({ expected, nearest }) =>
    nearest === '' ? `Give ${expected}.` : `Did you mean '${nearest}'?`,
})

export const topologyServiceMissing: ErrorDefinition<{ path: string }> = defineError(
  'TOPOLOGY_SERVICE_MISSING',
  'invalid',
  {
    message: () => 'the topology has no services',
    fix: "Declare at least one: services: { app: { modules: '*' } }.",
  },
)

export const topologyServiceUnknown: ErrorDefinition<{
  path: string
  service: string
  nearest: string
}> = defineError('TOPOLOGY_SERVICE_UNKNOWN', 'invalid', {
  message: ({ path, service }) => `${path}: the topology declares no service "${service}"`,
  fix: ({ nearest }) =>
    nearest === ''
      ? 'Declare it in the file; --set changes only what is there.'
      : `Did you mean ${nearest}?`,
})

export const topologyServiceNameInvalid: ErrorDefinition<{
  path: string
  service: string
  cause: string
}> = defineError('TOPOLOGY_SERVICE_NAME_INVALID', 'invalid', {
  message: ({ service, cause }) => `the service name ${service} ${cause}`,
  fix: 'Use lower-case letters, digits and single hyphens, beginning with a letter: order-desk.',
})

export const topologyServiceIdle: ErrorDefinition<{ path: string; service: string }> = defineError(
  'TOPOLOGY_SERVICE_IDLE',
  'invalid',
  {
    message: ({ service }) => `the service "${service}" runs no module and serves no HTTP`,
    fix: "Give it modules, or runs: ['http'], or remove it.",
  },
)

export const topologyModuleUnknown: ErrorDefinition<{
  path: string
  module: string
  nearest: string
  known: string
}> = defineError('TOPOLOGY_MODULE_UNKNOWN', 'invalid', {
  message: ({ path, module }) => `${path}: the application has no module "${module}"`,
  fix: ({ nearest, known }) =>
    nearest === '' ? `The application has: ${known}.` : `Did you mean ${nearest}?`,
})

export const topologyModuleUnplaced: ErrorDefinition<{ path: string; module: string }> =
  defineError('TOPOLOGY_MODULE_UNPLACED', 'invalid', {
    message: ({ module }) => `no service runs the module "${module}"`,
    fix: ({ module }) => `Add '${module}' to the modules of a service.`,
  })

export const topologyRoleUnknown: ErrorDefinition<{
  path: string
  role: string
  nearest: string
}> = defineError('TOPOLOGY_ROLE_UNKNOWN', 'invalid', {
  message: ({ path, role }) => `${path}: an instance cannot run "${role}"`,
  fix: ({ nearest }) =>
    nearest === '' ? "Services run 'http' and 'schedules'." : `Did you mean '${nearest}'?`,
})

export const topologyNameRepeated: ErrorDefinition<{ path: string; name: string }> = defineError(
  'TOPOLOGY_NAME_REPEATED',
  'invalid',
  {
    message: ({ path, name }) => `${path} names "${name}" a second time`,
    fix: 'Name it once.',
  },
)

export const topologyUseUnreachable: ErrorDefinition<{
  path: string
  users: string
  used: string
}> = defineError('TOPOLOGY_USE_UNREACHABLE', 'invalid', {
  message: ({ users, used }) => `${users} would call "${used}", which no service runs`,
  fix: ({ used }) => `Add '${used}' to the modules of a service.`,
})

export const topologySchedulesUnplaced: ErrorDefinition<{ path: string; module: string }> =
  defineError('TOPOLOGY_SCHEDULES_UNPLACED', 'invalid', {
    message: ({ module }) => `no service that has "${module}" runs its schedules`,
    fix: "Add 'schedules' to the runs of a service that has the module.",
  })

export const topologyMessagesUnplaced: ErrorDefinition<{ path: string; module: string }> =
  defineError('TOPOLOGY_MESSAGES_UNPLACED', 'invalid', {
    message: ({ module }) => `no service that has "${module}" runs its messages`,
    fix: "Add 'messages' to the runs of a service that has the module.",
  })

export const topologyHttpMissing: ErrorDefinition<{ path: string }> = defineError(
  'TOPOLOGY_HTTP_MISSING',
  'invalid',
  {
    message: () => 'no service serves the public HTTP',
    fix: "Give one service runs: ['http', 'schedules'], or add one with runs: ['http'] alone.",
  },
)

export const topologyGatewayMissing: ErrorDefinition<{ path: string; instances: number }> =
  defineError('TOPOLOGY_GATEWAY_MISSING', 'invalid', {
    message: ({ instances }) =>
      `availability is claimed, but no gateway leads clients to the ${instances} instances that serve the public HTTP`,
    fix: "Add gateway: { engine: 'haproxy' }, or do not claim availability.",
  })

export const topologyInstancesFew: ErrorDefinition<{ path: string; instances: number }> =
  defineError('TOPOLOGY_INSTANCES_FEW', 'invalid', {
    message: ({ path, instances }) => `availability is claimed, but ${path} is ${instances}`,
    fix: 'Give at least 2, or do not claim availability.',
  })

export const topologyInstancesExceeded: ErrorDefinition<{
  path: string
  instances: number
  limit: number
}> = defineError('TOPOLOGY_INSTANCES_EXCEEDED', 'invalid', {
  message: ({ instances, limit }) =>
    `the services have ${instances} instances together; a machine is given at most ${limit}`,
  fix: 'Lower the instances of some services.',
})

export const topologyConnectionsExceeded: ErrorDefinition<{
  path: string
  needed: number
  reserved: number
  limit: number
  parts: string
}> = defineError('TOPOLOGY_CONNECTIONS_EXCEEDED', 'invalid', {
  message: ({ needed, reserved, limit, parts }) =>
    `the pools may open ${needed} connections (${parts}) and ${reserved} are reserved; the database allows ${limit}`,
  fix: 'Lower pool.readers, pool.transactions or instances. Leave room for as many again if the topology is to be changed while it runs: old and new instances stand side by side.',
})

export const topologyDatabaseUnset: ErrorDefinition<{ path: string }> = defineError(
  'TOPOLOGY_DATABASE_UNSET',
  'invalid',
  {
    message: ({ path }) => `${path} is 'environment', but DATABASE_URL is not set`,
    fix: "Set DATABASE_URL to the PostgreSQL to use, or give 'embedded'.",
  },
)

export const topologyTimeoutsUnordered: ErrorDefinition<{
  path: string
  lower: string
  higher: string
}> = defineError('TOPOLOGY_TIMEOUTS_UNORDERED', 'invalid', {
  message: ({ lower, higher }) => `${higher} must be longer than ${lower}`,
  fix: 'Order them: client > gateway > longest operation. Who waits longest learns what happened; who gives up first leaves the work unanswered.',
})

export const topologyDrainUnordered: ErrorDefinition<{
  path: string
  notice: string
  deadline: string
}> = defineError('TOPOLOGY_DRAIN_UNORDERED', 'invalid', {
  message: ({ notice, deadline }) =>
    `drain.notice (${notice}) is not shorter than drain.deadline (${deadline}), which includes it`,
  fix: 'Shorten the notice or lengthen the deadline.',
})

export const topologyMtlsUnsupported: ErrorDefinition<{ path: string; transport: string }> =
  defineError('TOPOLOGY_MTLS_UNSUPPORTED', 'invalid', {
    message: ({ transport }) => `calls.mtls needs the transport tcp; it is ${transport}`,
    fix: "Give calls.transport 'tcp', or leave mtls away: a unix socket is guarded by its folder.",
  })

export const topologyPortOpen: ErrorDefinition<{ path: string }> = defineError(
  'TOPOLOGY_PORT_OPEN',
  'invalid',
  {
    message: ({ path }) => `${path} is 0, but a gateway listens on a port that is known before`,
    fix: 'Give a port from 1 to 65535.',
  },
)

export const topologyPortsExceeded: ErrorDefinition<{
  path: string
  port: number
  instances: number
}> = defineError('TOPOLOGY_PORTS_EXCEEDED', 'invalid', {
  message: ({ path, port, instances }) =>
    `${path} is ${port}, and without a gateway each of the ${instances} instances that serve HTTP takes the next port; ports end at 65535`,
  fix: 'Give a lower port, fewer instances, or a gateway.',
})

export const topologyPlanMalformed: ErrorDefinition<{ cause: string }> = defineError(
  'TOPOLOGY_PLAN_MALFORMED',
  'invalid',
  {
    message: ({ cause }) => `the text is no plan: ${cause}`,
    fix: 'Compute it anew with `banyan plan <topology> --json`; docs/reference/plan-schema.json describes the form.',
  },
)

export const topologyDrainShort: ErrorDefinition<{
  path: string
  deadline: string
  operation: string
}> = defineError('TOPOLOGY_DRAIN_SHORT', 'invalid', {
  message: ({ deadline, operation }) =>
    `drain.deadline (${deadline}) is shorter than the longest operation may take (${operation}): an instance that stops may cut calls off`,
  fix: 'Lengthen drain.deadline, or shorten the timeout of the operation.',
})

export const topologyNoticeShort: ErrorDefinition<{
  path: string
  notice: string
  checks: string
}> = defineError('TOPOLOGY_NOTICE_SHORT', 'invalid', {
  message: ({ notice, checks }) =>
    `drain.notice (${notice}) is shorter than the gateway needs to see that an instance goes (${checks}): one that is stopped by somebody else than Banyan may refuse requests`,
  fix: 'Lengthen drain.notice, or shorten gateway.checkEvery.',
})

export const topologyConnectionsCrowded: ErrorDefinition<{
  path: string
  needed: number
  reserved: number
  limit: number
}> = defineError('TOPOLOGY_CONNECTIONS_CROWDED', 'invalid', {
  message: ({ needed, reserved, limit }) =>
    `if every service is replaced while it runs, old and new instances together may open ${needed} connections, and ${reserved} are reserved; the database allows ${limit}`,
  fix: 'Lower pools or instances so that twice their sum fits, or replace the services one after the other.',
})

export const topologyRetriesOff: ErrorDefinition<{ path: string }> = defineError(
  'TOPOLOGY_RETRIES_OFF',
  'invalid',
  {
    message: ({ path }) =>
      `availability is claimed, but ${path} is false: requests that meet a dying instance fail`,
    fix: 'Leave gateway.retries on; only requests that may be repeated are.',
  },
)

export const topologyMessagesUnset: ErrorDefinition<{ path: string; engine: string }> = defineError(
  'TOPOLOGY_MESSAGES_UNSET',
  'invalid',
  {
    message: ({ engine }) =>
      `messages go over ${engine}, and BANYAN_MESSAGES_URL does not lead to one`,
    fix: 'Set it: amqp://…, nats://…, redis://… or kafka://host:port,host:port.',
  },
)

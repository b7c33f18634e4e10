import { defineError, type ErrorDefinition } from '../kernel/index.ts'

export const moduleHandlerMissing: ErrorDefinition<{ operation: string }> = defineError(
  'MODULE_HANDLER_MISSING',
  'invalid',
  {
    message: ({ operation }) => `${operation} is declared in the contract but has no handler`,
    fix: 'Add it under `handlers` of the module.',
  },
)

export const moduleHandlerUnknown: ErrorDefinition<{ operation: string }> = defineError(
  'MODULE_HANDLER_UNKNOWN',
  'invalid',
  {
    message: ({ operation }) => `${operation} has a handler but is not declared in the contract`,
    fix: 'Declare it under `operations` of the contract, or remove the handler.',
  },
)

export const moduleNameDuplicate: ErrorDefinition<{ module: string }> = defineError(
  'MODULE_NAME_DUPLICATE',
  'invalid',
  {
    message: ({ module }) => `two modules of the application are named "${module}"`,
    fix: 'Rename one contract; the name is also its database schema.',
  },
)

export const moduleUseMissing: ErrorDefinition<{ module: string; used: string }> = defineError(
  'MODULE_USE_MISSING',
  'invalid',
  {
    message: ({ module, used }) => `${module} uses "${used}", which is not part of the application`,
    fix: 'Add the module to `application({ modules })`, or remove it from `uses`.',
  },
)

export const moduleUseCycle: ErrorDefinition<{ path: string }> = defineError(
  'MODULE_USE_CYCLE',
  'invalid',
  {
    message: ({ path }) => `modules use each other in a circle: ${path}`,
    fix: 'Turn one of the calls into an event, or move what both need into a third module.',
  },
)

export const moduleUseUndeclared: ErrorDefinition<{ module: string; used: string }> = defineError(
  'MODULE_USE_UNDECLARED',
  'bug',
  {
    message: ({ module, used }) => `${module} called "${used}" without declaring that it uses it`,
    fix: 'Add the contract to `uses` of the module; only declared uses may be called.',
  },
)

export const moduleRoleUnknown: ErrorDefinition<{
  operation: string
  role: string
  known: string
}> = defineError('MODULE_ROLE_UNKNOWN', 'invalid', {
  message: ({ operation, role, known }) =>
    `${operation} allows the role "${role}"; the application declares: ${known}`,
  fix: 'Declare the role in `application({ roles })`, or correct the access rule.',
})

export const moduleRouteDuplicate: ErrorDefinition<{
  route: string
  first: string
  second: string
}> = defineError('MODULE_ROUTE_DUPLICATE', 'invalid', {
  message: ({ route, first, second }) => `${first} and ${second} both answer "${route}"`,
  fix: 'Change the route of one of them.',
})

export const moduleGrantMissing: ErrorDefinition<{ module: string; grant: string }> = defineError(
  'MODULE_GRANT_MISSING',
  'bug',
  {
    message: ({ module, grant }) => `${module} used "${grant}" without being granted it`,
    fix: 'Add it to `grants` of the module.',
  },
)

export const moduleJobInvalid: ErrorDefinition<{ job: string; reason: string }> = defineError(
  'MODULE_JOB_INVALID',
  'invalid',
  {
    message: ({ job, reason }) => `${job} cannot be: ${reason}`,
    fix: 'Correct the declaration; `job()` and `on()` say the ranges.',
  },
)

export const moduleCronInvalid: ErrorDefinition<{ cron: string; reason: string }> = defineError(
  'MODULE_CRON_INVALID',
  'invalid',
  {
    message: ({ cron, reason }) => `${cron} cannot be: ${reason}`,
    fix: 'Correct the declaration; `cron()` says what an expression and its options may be.',
  },
)

export const moduleTablesMissing: ErrorDefinition<{ module: string }> = defineError(
  'MODULE_TABLES_MISSING',
  'invalid',
  {
    message: ({ module }) => `${module} has jobs or subscriptions but no tables`,
    fix: 'Give the module `tables`: its messages wait in its own schema.',
  },
)

export const moduleEventUnknown: ErrorDefinition<{ module: string; event: string }> = defineError(
  'MODULE_EVENT_UNKNOWN',
  'invalid',
  {
    message: ({ module, event }) =>
      `${module} subscribes to "${event}", which no module of the application publishes`,
    fix: 'Add the module that publishes it to `application({ modules })`, or remove the subscription.',
  },
)

import { defineError, type ErrorDefinition } from '../kernel/index.ts'

export const remoteUnreachable: ErrorDefinition<{
  operation: string
  service: string
  attempts: number
  cause: string
}> = defineError('REMOTE_UNREACHABLE', 'unavailable', {
  message: ({ operation, service, attempts, cause }) =>
    `${service} could not reach ${operation} (sent ${attempts} times): ${cause}`,
  fix: 'Nothing was changed. "banyan ps" shows which instances run; try again when one is ready.',
})

export const remoteModuleUnplaced: ErrorDefinition<{
  module: string
  service: string
  waitedMs: number
}> = defineError('REMOTE_MODULE_UNPLACED', 'unavailable', {
  message: ({ module, service, waitedMs }) =>
    `${service} knows no instance that runs ${module}; waited ${waitedMs} ms for one`,
  fix: 'Nothing was sent. Place the module in the topology, or wait until its service has started.',
})

export const remoteQueueFull: ErrorDefinition<{ module: string; limit: number }> = defineError(
  'REMOTE_QUEUE_FULL',
  'unavailable',
  {
    message: ({ module, limit }) => `${limit} calls already wait for an instance of ${module}`,
    fix: 'Nothing was sent. Try again after a pause; if it stays full, add instances.',
  },
)

export const remoteRouterClosed: ErrorDefinition<{ operation: string }> = defineError(
  'REMOTE_ROUTER_CLOSED',
  'unavailable',
  {
    message: ({ operation }) => `${operation} was called while this instance was stopping`,
    fix: 'Nothing was sent. Try again: another instance takes the request.',
  },
)

/** The callee is going away and has not run the call: another instance may. */
export const remoteDraining: ErrorDefinition<{ instance: string }> = defineError(
  'REMOTE_DRAINING',
  'unavailable',
  {
    message: ({ instance }) => `${instance} is stopping and takes no new calls`,
    fix: 'Nothing was run. Send the call to another instance.',
  },
)

/** A peer asked for what its service has no declared use for; made by the listener. */
export const remoteCallForbidden: ErrorDefinition<{ operation: string; reason: string }> =
  defineError('REMOTE_CALL_FORBIDDEN', 'forbidden', {
    message: ({ operation, reason }) => `${operation} was refused: ${reason}`,
    fix: 'Declare the use in the calling module, and place that module in the calling service.',
  })

export const remoteDirectoryCorrupt: ErrorDefinition<{ file: string; cause: string }> = defineError(
  'REMOTE_DIRECTORY_CORRUPT',
  'invalid',
  {
    message: ({ file, cause }) => `${file} is not a directory of instances: ${cause}`,
    fix: 'The last good one stays in use. The supervisor writes this file; restart it.',
  },
)

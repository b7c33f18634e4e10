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

export const remoteConnectionFull: ErrorDefinition<{ instance: string; limit: number }> =
  defineError('REMOTE_CONNECTION_FULL', 'unavailable', {
    message: ({ instance, limit }) =>
      `${instance} already works on ${limit} calls of this connection`,
    fix: 'Nothing was run. Send the call to another instance, or try again after a pause.',
  })

export const remoteInputTooLarge: ErrorDefinition<{
  operation: string
  part: 'input' | 'headers'
  bytes: number
  limit: number
}> = defineError('REMOTE_INPUT_TOO_LARGE', 'invalid', {
  message: ({ operation, part, bytes, limit }) =>
    `the ${part} of a call of ${operation} has ${bytes} bytes, more than ${limit}`,
  fix: 'Pass a reference to a file instead of its content, or split the call into several.',
})

export const remoteOutputTooLarge: ErrorDefinition<{
  operation: string
  bytes: number
  limit: number
}> = defineError('REMOTE_OUTPUT_TOO_LARGE', 'bug', {
  message: ({ operation, bytes, limit }) =>
    `${operation} answered with ${bytes} bytes, more than ${limit}`,
  fix: 'It has run. Return fewer items at once (a page), or a reference to a file.',
})

/** For logs and for whoever posts a malformed call; a connection that breaks the protocol is closed. */
export const remoteProtocolBroken: ErrorDefinition<{ peer: string; cause: string }> = defineError(
  'REMOTE_PROTOCOL_BROKEN',
  'invalid',
  {
    message: ({ peer, cause }) =>
      `${peer} does not keep to the protocol between instances: ${cause}`,
    fix: 'Only instances of the same version, or of neighbouring ones, may call this address.',
  },
)

/** For logs: a peer that could not prove who it is, or is nobody that this instance knows. */
export const remotePeerRefused: ErrorDefinition<{ peer: string; cause: string }> = defineError(
  'REMOTE_PEER_REFUSED',
  'unauthenticated',
  {
    message: ({ peer, cause }) => `a connection with ${peer} was refused: ${cause}`,
    fix: 'Run "banyan certs"; each service needs a certificate of the authority of its application.',
  },
)

export const remoteListenFailed: ErrorDefinition<{ endpoint: string; cause: string }> = defineError(
  'REMOTE_LISTEN_FAILED',
  'unavailable',
  {
    message: ({ endpoint, cause }) => `could not listen for peers on ${endpoint}: ${cause}`,
    fix: 'Stop what listens there, or choose another port or a shorter path.',
  },
)

export const remoteCertificatesInvalid: ErrorDefinition<{
  folder: string
  service: string
  cause: string
}> = defineError('REMOTE_CERTIFICATES_INVALID', 'invalid', {
  message: ({ folder, service, cause }) =>
    `${folder} holds no usable certificate of ${service}: ${cause}`,
  fix: 'Run "banyan certs"; it writes authority.crt and a certificate and key for each service.',
})

import { defineError, type ErrorDefinition } from '../../kernel/index.ts'

const installLines =
  'Debian, Ubuntu: sudo apt-get install haproxy · macOS: brew install haproxy · Docker: FROM node:24-bookworm-slim, then RUN apt-get update && apt-get install -y haproxy'

export const haproxyBinaryMissing: ErrorDefinition<{ readonly tried: string }> = defineError(
  'HAPROXY_BINARY_MISSING',
  'unavailable',
  {
    message: ({ tried }) => `the gateway needs HAProxy, and none was found; tried ${tried}`,
    fix: `Install it (${installLines}), or take gateway out of the topology.`,
  },
)

export const haproxyVersionUnsupported: ErrorDefinition<{
  readonly binary: string
  readonly found: string
  readonly oldest: string
}> = defineError('HAPROXY_VERSION_UNSUPPORTED', 'unavailable', {
  message: ({ binary, found, oldest }) =>
    `"${binary}" is ${found}; the gateway needs HAProxy ${oldest} or newer`,
  fix: `Install a newer one (${installLines}).`,
})

export const haproxyGatewayUnplanned: ErrorDefinition<{ readonly topology: string }> = defineError(
  'HAPROXY_GATEWAY_UNPLANNED',
  'bug',
  {
    message: ({ topology }) => `the plan of "${topology}" has no gateway`,
    fix: "Write gateway: { engine: 'haproxy' } into the topology, or start no gateway.",
  },
)

export const haproxyInstanceInvalid: ErrorDefinition<{
  readonly instance: string
  readonly cause: string
}> = defineError('HAPROXY_INSTANCE_INVALID', 'invalid', {
  message: ({ instance, cause }) => `the instance "${instance}" of the gateway's state ${cause}`,
  fix: 'Give each instance one id, an IP address with a port, and a weight of 0 to 256.',
})

export const haproxyFolderUnusable: ErrorDefinition<{
  readonly folder: string
  readonly cause: string
}> = defineError('HAPROXY_FOLDER_UNUSABLE', 'unavailable', {
  message: ({ folder, cause }) => `the gateway's folder "${folder}" cannot be used: ${cause}`,
  fix: 'Make it yours and writable, free disk space, or move the project to a shorter path.',
})

export const haproxyAccountMissing: ErrorDefinition<{ readonly tried: string }> = defineError(
  'HAPROXY_ACCOUNT_MISSING',
  'unavailable',
  {
    message: ({ tried }) =>
      `started by root, HAProxy gives its rights up to an account, and none exists; tried ${tried}`,
    fix: 'Create one (useradd --system haproxy), or start Banyan as an ordinary user.',
  },
)

export const haproxyConfigRefused: ErrorDefinition<{
  readonly file: string
  readonly lines: string
}> = defineError('HAPROXY_CONFIG_REFUSED', 'bug', {
  message: ({ file, lines }) => `HAProxy refuses the configuration ${file}:\n${lines}`,
  fix: 'What runs was not touched. Read the quoted lines; the file is kept beside the one in use.',
})

export const haproxyListenFailed: ErrorDefinition<{
  readonly address: string
  readonly cause: string
}> = defineError('HAPROXY_LISTEN_FAILED', 'unavailable', {
  message: ({ address, cause }) => `the gateway cannot listen on ${address}: ${cause}`,
  fix: 'Stop what listens there, or give listen.port of the topology another port.',
})

export const haproxyStartFailed: ErrorDefinition<{
  readonly folder: string
  readonly cause: string
  readonly lines: string
}> = defineError('HAPROXY_START_FAILED', 'unavailable', {
  message: ({ folder, cause, lines }) =>
    `HAProxy in "${folder}" did not start: ${cause}; it said:\n${lines}`,
  fix: 'Read the quoted lines. "Cannot raise FD limit": raise ulimit -n or lower gateway.connectionsMax.',
})

export const haproxyReloadFailed: ErrorDefinition<{
  readonly folder: string
  readonly cause: string
  readonly lines: string
}> = defineError('HAPROXY_RELOAD_FAILED', 'unavailable', {
  message: ({ folder, cause, lines }) =>
    `HAProxy in "${folder}" did not take its new configuration: ${cause}; it said:\n${lines}`,
  fix: 'It serves on with the old one. Read the quoted lines, then apply again.',
})

export const haproxyProcessMissing: ErrorDefinition<{ readonly folder: string }> = defineError(
  'HAPROXY_PROCESS_MISSING',
  'unavailable',
  {
    message: ({ folder }) => `no HAProxy runs in "${folder}"`,
    fix: 'Start the gateway first; if it ran, its log in that folder says why it ended.',
  },
)

export const haproxyCommandFailed: ErrorDefinition<{
  readonly command: string
  readonly cause: string
}> = defineError('HAPROXY_COMMAND_FAILED', 'unavailable', {
  message: ({ command, cause }) => `HAProxy's runtime API did not answer "${command}": ${cause}`,
  fix: 'Try again; if it stays so, HAProxy hangs or has ended: restart the gateway.',
})

export const haproxyStateRefused: ErrorDefinition<{
  readonly instances: string
  readonly answers: string
}> = defineError('HAPROXY_STATE_REFUSED', 'unavailable', {
  message: ({ instances, answers }) =>
    `HAProxy does not do what it was told about ${instances}, not even after a reload: ${answers}`,
  fix: 'Apply again; if it stays so, stop and start the gateway.',
})

// What clients are told when the gateway itself answers.

export const haproxyMessageMalformed: ErrorDefinition<Record<never, never>> = defineError(
  'HAPROXY_MESSAGE_MALFORMED',
  'invalid',
  {
    message: () => 'the message is not HTTP/1.1 as the gateway reads it',
    fix: 'Send one well-formed request; no header may be ambiguous.',
  },
)

export const haproxyMethodRefused: ErrorDefinition<Record<never, never>> = defineError(
  'HAPROXY_METHOD_REFUSED',
  'invalid',
  {
    message: () => 'the gateway passes no request with this method',
    fix: 'Use GET, HEAD, OPTIONS, POST, PUT, PATCH or DELETE.',
  },
)

export const haproxyRequestOverdue: ErrorDefinition<Record<never, never>> = defineError(
  'HAPROXY_REQUEST_OVERDUE',
  'invalid',
  {
    message: () => 'the request did not arrive in time',
    fix: 'Send the whole request without pauses.',
  },
)

export const haproxyAnswerMissing: ErrorDefinition<Record<never, never>> = defineError(
  'HAPROXY_ANSWER_MISSING',
  'unknown_outcome',
  {
    message: () => 'the instance ended before it answered; it may have happened',
    fix: 'Ask again with the same Idempotency-Key.',
  },
)

export const haproxyInstanceMissing: ErrorDefinition<Record<never, never>> = defineError(
  'HAPROXY_INSTANCE_MISSING',
  'unavailable',
  {
    message: () => 'no instance is ready',
    fix: 'Ask again after a second, with the same Idempotency-Key if there was one.',
  },
)

export const haproxyAnswerOverdue: ErrorDefinition<Record<never, never>> = defineError(
  'HAPROXY_ANSWER_OVERDUE',
  'unknown_outcome',
  {
    message: () => 'the instance did not answer in time; it may have happened',
    fix: 'Ask again with the same Idempotency-Key.',
  },
)

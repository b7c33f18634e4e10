import { defineError, type ErrorDefinition } from '../kernel/index.ts'

export const clusterAlreadyRunning: ErrorDefinition<{ folder: string; pid: number }> = defineError(
  'CLUSTER_ALREADY_RUNNING',
  'conflict',
  {
    message: ({ folder, pid }) => `process ${pid} already supervises ${folder}`,
    fix: 'Look at it with `banyan attach`, change it with `banyan apply <topology>`, end it with `banyan down`.',
  },
)

export const clusterNotRunning: ErrorDefinition<{ folder: string }> = defineError(
  'CLUSTER_NOT_RUNNING',
  'unavailable',
  {
    message: ({ folder }) => `no supervisor runs on ${folder}`,
    fix: 'Start it with `banyan up <topology>`. Processes that a killed supervisor left are taken over by it; `banyan down` ends them.',
  },
)

export const clusterFolderUnusable: ErrorDefinition<{ folder: string; cause: string }> =
  defineError('CLUSTER_FOLDER_UNUSABLE', 'unavailable', {
    message: ({ folder, cause }) => `the folder ${folder} cannot be used: ${cause}`,
    fix: 'Make it yours and private (chown, chmod 700), free disk space, or set BANYAN_FOLDER to another one.',
  })

export const clusterPlatformUnsupported: ErrorDefinition<{ platform: string }> = defineError(
  'CLUSTER_PLATFORM_UNSUPPORTED',
  'unavailable',
  {
    message: ({ platform }) =>
      `the supervisor does not run on ${platform}: it needs Unix sockets and signals`,
    fix: 'Run it on Linux or macOS, in WSL or in a container. `banyan dev` and `banyan start` run anywhere.',
  },
)

export const clusterStateUnreadable: ErrorDefinition<{ file: string; cause: string }> = defineError(
  'CLUSTER_STATE_UNREADABLE',
  'conflict',
  {
    message: ({ file, cause }) => `${file} does not say what runs: ${cause}`,
    fix: 'It was written by another version, or damaged. End what still runs (`ps`, then kill by id), remove the file, start again.',
  },
)

export const clusterRequestRefused: ErrorDefinition<{ cause: string }> = defineError(
  'CLUSTER_REQUEST_REFUSED',
  'invalid',
  {
    message: ({ cause }) => `the supervisor does not understand the request: ${cause}`,
    fix: 'Use the `banyan` of the version that runs, or restart the supervisor: its instances go on meanwhile.',
  },
)

export const clusterSupervisorLost: ErrorDefinition<{ cause: string }> = defineError(
  'CLUSTER_SUPERVISOR_LOST',
  'unknown_outcome',
  {
    message: ({ cause }) => `the supervisor went away before it answered: ${cause}`,
    fix: 'Start it again with `banyan up`: it completes or takes back what was under way. `banyan ps` tells.',
  },
)

export const clusterStopped: ErrorDefinition<{ work: string }> = defineError(
  'CLUSTER_STOPPED',
  'cancelled',
  {
    message: ({ work }) => `the supervisor was told to stop during: ${work}`,
    fix: 'Nothing: everything that it had started is stopped.',
  },
)

export const clusterBusy: ErrorDefinition<{ work: string }> = defineError(
  'CLUSTER_BUSY',
  'conflict',
  {
    message: ({ work }) => `the supervisor is at work: ${work}`,
    fix: 'Wait until it is done, or `banyan down`, which interrupts it.',
  },
)

export const clusterProcessFailed: ErrorDefinition<{
  id: string
  status: string
  cause: string
  /** What the process itself advised; empty when it said nothing. */
  fix: string
  lastLines: string
}> = defineError('CLUSTER_PROCESS_FAILED', 'unavailable', {
  message: ({ id, status, cause, lastLines }) =>
    `${id} does not start (${status})${cause === '' ? '' : `: ${cause}`}${lastLines === '' ? '' : `; its log ends:\n${lastLines}`}`,
  fix: ({ fix }) => `${fix === '' ? 'Correct what it says.' : fix} Its log is in .banyan/run/logs.`,
})

export const clusterStartOverdue: ErrorDefinition<{
  id: string
  waitedMs: number
  lastLines: string
}> = defineError('CLUSTER_START_OVERDUE', 'unavailable', {
  message: ({ id, waitedMs, lastLines }) =>
    `${id} was not ready within ${waitedMs} ms${lastLines === '' ? '' : `; its log ends:\n${lastLines}`}`,
  fix: 'Read its log in .banyan/run/logs; give it longer with --deadline if it only is slow.',
})

export const clusterPortTaken: ErrorDefinition<{ address: string; cause: string }> = defineError(
  'CLUSTER_PORT_TAKEN',
  'conflict',
  {
    message: ({ address, cause }) => `${address} cannot be listened on: ${cause}`,
    fix: 'End the process that has it, or choose another port (`listen` of the topology, BANYAN_PORT).',
  },
)

export const clusterApplicationDifferent: ErrorDefinition<{ running: string; given: string }> =
  defineError('CLUSTER_APPLICATION_DIFFERENT', 'conflict', {
    message: ({ running, given }) => `"${running}" runs here; the topology is of "${given}"`,
    fix: 'Give the topology of the application that runs, or `banyan down` first.',
  })

export const clusterDatabaseDifferent: ErrorDefinition<{ running: string; given: string }> =
  defineError('CLUSTER_DATABASE_DIFFERENT', 'conflict', {
    message: ({ running, given }) =>
      `the running system keeps its data in "${running}", the new plan in "${given}"`,
    fix: 'Data does not move by itself: `banyan down`, move the data, `banyan up` with the new topology.',
  })

export const clusterConnectionsExceeded: ErrorDefinition<{
  needed: number
  reserved: number
  max: number
}> = defineError('CLUSTER_CONNECTIONS_EXCEEDED', 'conflict', {
  message: ({ needed, reserved, max }) =>
    `old and new instances side by side may open ${needed} database connections beside ${reserved} reserved ones; the server allows ${max}`,
  fix: 'Make the pools of the new topology smaller, change fewer services at once, or raise connectionsMax together with the server.',
})

export const clusterAvailabilityLost: ErrorDefinition<{ services: string }> = defineError(
  'CLUSTER_AVAILABILITY_LOST',
  'conflict',
  {
    message: ({ services }) =>
      `what runs survives the loss of any instance; the new plan does not: ${services}`,
    fix: 'Keep two instances of each service and the gateway, or say --force.',
  },
)

export const clusterPreviousMissing: ErrorDefinition<{ folder: string }> = defineError(
  'CLUSTER_PREVIOUS_MISSING',
  'conflict',
  {
    message: ({ folder }) => `nothing was applied to ${folder} before what runs now`,
    fix: 'Name the topology to go to: `banyan apply <topology>`.',
  },
)

export const clusterTargetUnknown: ErrorDefinition<{ target: string; known: string }> = defineError(
  'CLUSTER_TARGET_UNKNOWN',
  'not_found',
  {
    message: ({ target }) => `nothing that runs is called "${target}"`,
    fix: ({ known }) => `Name a service, an instance or a keeper: ${known}; or \`all\`.`,
  },
)

export const clusterGatewayRefused: ErrorDefinition<{ cause: string }> = defineError(
  'CLUSTER_GATEWAY_REFUSED',
  'unavailable',
  {
    message: ({ cause }) => `the gateway did not take the change: ${cause}`,
    fix: 'Its log is .banyan/run/logs/gateway.log. What ran before still runs.',
  },
)

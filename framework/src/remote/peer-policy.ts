import type { PeerPolicy } from './port.ts'

/** What a peer policy goes by: the application's graph and the plan's placement. */
export interface PeerPolicyOptions {
  /** Module → the modules it declares to use. */
  readonly uses: ReadonlyMap<string, readonly string[]>
  /** The modules whose handlers run in a service; none for a service that does not exist. */
  readonly hostsOf: (service: string) => readonly string[]
  /** Whether a service serves the public HTTP. */
  readonly servesHttp: (service: string) => boolean
}

/** Creates the rule for calls between instances: a module may call what it declares to use, from a
 *  service that hosts it; callers from outside come through services that serve the public HTTP.
 *  What it refuses ends as REMOTE_CALL_FORBIDDEN.
 *  Cost: three lookups. */
export function peerPolicy(options: PeerPolicyOptions): PeerPolicy {
  const { uses, hostsOf, servesHttp } = options
  return ({ service }, { operation, callerModule }) => {
    if (callerModule === undefined) {
      return servesHttp(service)
        ? undefined
        : `service ${service} does not serve the public HTTP, so no caller from outside comes from it`
    }
    if (!hostsOf(service).includes(callerModule)) {
      return `service ${service} does not host the module ${callerModule}`
    }
    const callee = operation.slice(0, Math.max(0, operation.indexOf('.')))
    if (uses.get(callerModule)?.includes(callee) === true) return undefined
    return `module ${callerModule} does not declare that it uses ${callee || operation}`
  }
}

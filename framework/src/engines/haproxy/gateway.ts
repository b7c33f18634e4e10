import type { Clock } from '../../kernel/index.ts'
import type { Application } from '../../module/index.ts'
import type { Plan } from '../../topology/index.ts'
import type { GatewayEvent } from './gateway-event.ts'
import type { GatewayState } from './gateway-state.ts'
import type { GatewayStats } from './gateway-stats.ts'
import type { GatewayExit } from './haproxy-process.ts'

export interface GatewayOptions {
  readonly plan: Plan
  readonly application: Application
  /** The gateway's own folder, made if absent: configuration, sockets and log. Its path has at most
   *  90 bytes. */
  readonly folder: string
  readonly clock: Clock
  /** Which HAProxy; that of the PATH unless given. */
  readonly binary?: string
  /** Port on the loopback address where HAProxy shows its own metrics to Prometheus at `/metrics`; none
   *  unless given. A build without the exporter is reported and does without. */
  readonly metricsPort?: number
  /** How long HAProxy serves on when this process is gone and no other has adopted it; 30 s unless
   *  given, rounded up to seconds. */
  readonly orphanGraceMs?: number
  /** Is told what the gateway did. */
  readonly report?: (event: GatewayEvent) => void
  /** Is given each line that HAProxy writes: instances that went down or came back, requests that failed
   *  or were repeated. */
  readonly log?: (line: string) => void
}

/** HAProxy in front of the instances that serve the public HTTP. */
export interface Gateway extends AsyncDisposable {
  /** Starts HAProxy, without instances; or adopts the one that already runs in the folder, with the
   *  instances it has, and reloads it when the plan now says something else. Idempotent.
   *  @throws HAPROXY_BINARY_MISSING · HAPROXY_VERSION_UNSUPPORTED · HAPROXY_CONFIG_REFUSED ·
   *    HAPROXY_LISTEN_FAILED · HAPROXY_START_FAILED · HAPROXY_RELOAD_FAILED ·
   *    HAPROXY_FOLDER_UNUSABLE · HAPROXY_ACCOUNT_MISSING */
  start(): Promise<void>
  /** The master's process id; undefined when none runs. */
  readonly pid: number | undefined
  /** Makes HAProxy send requests to exactly these instances: writes the configuration, changes the
   *  running process through its runtime API, reads the result back. A reload only where the runtime
   *  API fails. Calls queue up; each is idempotent. An instance that is left out gets no new request
   *  and is deleted when its last one has ended.
   *  @throws HAPROXY_INSTANCE_INVALID · HAPROXY_PROCESS_MISSING · HAPROXY_COMMAND_FAILED ·
   *    HAPROXY_STATE_REFUSED · HAPROXY_RELOAD_FAILED · HAPROXY_FOLDER_UNUSABLE
   *  Cost: one write of a file, two questions, one command per changed property: milliseconds. */
  apply(state: GatewayState): Promise<void>
  /** What HAProxy counts.
   *  @throws HAPROXY_PROCESS_MISSING · HAPROXY_COMMAND_FAILED */
  stats(): Promise<GatewayStats>
  /** Stops listening at once, finishes what is in flight, ends HAProxy. What is not done after
   *  `deadlineMs` (the plan's drain deadline unless given) is cut off. Idempotent. */
  stop(deadlineMs?: number): Promise<void>
  /** Resolves when the HAProxy that runs, or else the one started next, has ended: by `stop` or by
   *  itself. Whether to start it again is the caller's decision. */
  readonly exited: Promise<GatewayExit>
}

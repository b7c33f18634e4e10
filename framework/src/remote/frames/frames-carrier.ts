import type { Clock } from '../../kernel/index.ts'
import type { Telemetry } from '../../telemetry/index.ts'
import type { Carrier } from '../port.ts'
import type { TlsSource } from '../tls.ts'
import { boundsOf, type FramesBounds } from './bounds.ts'
import { FramesLink } from './frames-link.ts'
import { Slabs } from './slab.ts'

export interface FramesCarrierOptions {
  readonly clock: Clock
  /** For connections that are refused or break the protocol. */
  readonly telemetry?: Telemetry
  /** The service that calls; with TLS its certificate must say the same. */
  readonly service: string
  /** Its instance, for the logs of those it calls. */
  readonly instance?: string
  /** Instances of another application are refused. */
  readonly application: string
  /** Mutual TLS; without it roads must be guarded otherwise: a private folder, loopback. */
  readonly tls?: TlsSource
  /** Connections per link, 1..16; 1 unless given. More help where one connection's loss of packets
   *  should not hold back all calls. */
  readonly connections?: number
  readonly bounds?: Partial<FramesBounds>
}

/** Carries calls as frames in WebSocket messages: any number of calls at once over a connection, all
 *  of one tick in one message, answers in any order, long payloads in parts between which short
 *  frames pass.
 *  Cost: about 2 µs per call and side; a connection holds no buffers while it is idle. */
export function createFramesCarrier(options: FramesCarrierOptions): Carrier {
  const { clock, telemetry, service, application, tls, instance = '' } = options
  const connections = Math.min(Math.max(options.connections ?? 1, 1), 16)
  const bounds = boundsOf(options.bounds)
  const slabs = new Slabs()
  return {
    name: 'frames',
    open: (address, events) =>
      new FramesLink({
        ...{ clock, telemetry, service, application, tls, connections, bounds, slabs },
        ...{ address, events, instance },
      }),
  }
}

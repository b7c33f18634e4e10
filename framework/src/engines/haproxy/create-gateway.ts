import type { Gateway, GatewayOptions } from './gateway.ts'
import { HaproxyGateway } from './haproxy-gateway.ts'

/** A gateway in memory; nothing runs before `start`. HAProxy outlives this process: end it with `stop`,
 *  or leave it to the next process that starts a gateway on the same folder within the grace period.
 *  @throws HAPROXY_GATEWAY_UNPLANNED when the plan has none. */
export function createGateway(options: GatewayOptions): Gateway {
  return new HaproxyGateway(options)
}

import type { Transport } from '../../messages/index.ts'
import type { RedisTransportOptions } from './options.ts'
import { RedisTransport } from './redis-transport.ts'

/** A transport over Redis Streams; it connects at `open`, again whenever it must, and ends with its disposal.
 *  @throws MESSAGES_TRANSPORT_INCAPABLE at `open`: the server may lose what it accepted (`appendonly no`,
 *    `appendfsync no`, `everysec` without `acceptOneSecond`, a policy that evicts), or does not say
 *  @throws MESSAGES_TRANSPORT_UNAVAILABLE at `open` and `publish`: not reached, refused (full), or no answer in 5 s
 *  Cost: a batch is one round trip and one sync of the server's log; a connection for publishing and one for
 *    each consumer of a process. */
export function createRedisTransport(options: RedisTransportOptions): Transport {
  return new RedisTransport(options)
}

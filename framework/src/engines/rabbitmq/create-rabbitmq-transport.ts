import type { Transport } from '../../messages/index.ts'
import type { RabbitmqTransportOptions } from './options.ts'
import { RabbitmqTransport } from './rabbitmq-transport.ts'

/** A transport over RabbitMQ; it connects at `open`, reconnects for ever, and ends with its disposal.
 *  @throws MESSAGES_TRANSPORT_INCAPABLE at `open`: a queue or an exchange of that name exists with other
 *    properties (classic, not durable, with a low delivery limit), or the broker has no quorum queues
 *  @throws MESSAGES_TRANSPORT_UNAVAILABLE at `open` and `publish`: not reached, refused, or not confirmed within 9 s
 *  Cost: a batch is one round trip and one sync of the broker's log; two connections for a process.
 *  Limits: names of 255 bytes, a key and headers of 128 KiB together. */
export function createRabbitmqTransport(options: RabbitmqTransportOptions): Transport {
  return new RabbitmqTransport(options)
}

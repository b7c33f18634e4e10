import type { Transport } from '../../messages/index.ts'
import { NatsTransport } from './nats-transport.ts'
import type { NatsTransportOptions } from './options.ts'

/** A transport over NATS JetStream. Pure; `open` connects.
 *  @throws MESSAGES_TRANSPORT_INCAPABLE at `open`: JetStream is disabled; `max_payload` is below
 *    1,114,112 bytes (2MB will do; NATS has 1MB unless set); a stream of that name holds its messages in
 *    memory, drops them, or keeps them for ever; NATS may lose what it acknowledged when the power fails
 *    and neither `monitors` nor `acceptSyncInterval` says otherwise.
 *  Delivery: at least once, in order per topic and key, also when a server or a process dies.
 *  Cost: one message of JetStream per message; a batch with many messages of one key needs a round trip for
 *  each of them. One durable consumer per module and topic.
 *  Limits: 256 messages per topic under way to a module; a process that dies is succeeded after `leaseMs`
 *  (10 s), and its messages come after as much again. */
export function createNatsTransport(options: NatsTransportOptions): Transport {
  return new NatsTransport(options)
}

import type { Transport } from '../../messages/index.ts'
import { KafkaTransport } from './kafka-transport.ts'
import type { KafkaTransportOptions } from './options.ts'

/** A transport over Apache Kafka. Pure; `open` connects.
 *  @throws MESSAGES_TRANSPORT_INCAPABLE at `open`: a topic is compacted, deletes by size or sooner than
 *    `retentionMs`, refuses messages of 1 MiB, elects leaders that lack messages, or acknowledges with one
 *    copy (unless `acceptSingleCopy`); the cluster does not tell (unless `acceptUnverified`).
 *  Delivery: at least once, in order per topic and key, as long as partitions are not added.
 *  Cost: a round trip per MiB of a batch; every message is acknowledged by all copies in sync.
 *  Limits: a new member of a group waits for the others, about 3 s; one that dies is missed after 30 s. */
export function createKafkaTransport(options: KafkaTransportOptions): Transport {
  return new KafkaTransport(options)
}

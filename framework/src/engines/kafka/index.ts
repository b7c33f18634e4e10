/**
 * Kafka: carries messages over Apache Kafka. One topic of Kafka per topic (`banyan.<application>.<topic>`),
 * partitioned by key, one consumer group per module; acknowledged by all copies in sync, by an idempotent
 * producer where the cluster has one.
 * Not a log of events for others to read from its begin, though Kafka keeps them; not for calls.
 * Promises: those of the port (messages). Durability is Kafka's: copies, not disks. `open` checks the settings
 * that would break it, where the cluster tells them.
 * Limits: nothing is deleted by this transport: without `retentionMs` topics grow until somebody deletes what every
 * group has read. Offsets of a group that is away for longer than `offsets.retention.minutes` (7 days) are
 * forgotten by Kafka: it then gets all again, and its inbox drops what it knows. Kafka before 2.4 is not meant.
 */
export { createKafkaTransport } from './create-kafka-transport.ts'
export type { KafkaAccount, KafkaTls, KafkaTransportOptions } from './options.ts'

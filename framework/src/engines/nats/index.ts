/**
 * NATS: carries messages over JetStream. One stream for an application (file storage; a message stays
 * until every module that wants it has acknowledged it; a full stream refuses what is new and drops
 * nothing), one durable consumer per module and topic, one process at a time per module.
 * Not for calls between modules, nor for history: what every module has is gone.
 * Promises: those of the port (messages). What is published is there after a crash of the server. After
 * a power cut it is there only if the server syncs each message (`sync_interval: always`, NATS ≥ 2.10), which
 * `open` asks of `monitors`; NATS syncs every two minutes unless told, also in a cluster.
 * Known fault: after a server was killed (SIGKILL) and came back, in 2 of 22 tries under load one batch of a
 * module was not given any more, for longer than 90 s (2.9.10). It was in the stream, so nothing was lost, and
 * everything behind it waited. `server-death.drill.ts` shows it. Prefer RabbitMQ, Redis or PostgreSQL.
 * Limits: NATS ≥ 2.9 (tested: 2.9.10). A module or topic that is no longer declared keeps its durable
 * consumer, and so its messages: delete that consumer (`nats consumer rm`), or the stream fills up and
 * refuses. No domains of JetStream, no push consumers. A duplicate is dropped by NATS within two minutes of
 * its first publication, later by the inbox.
 */
export { createNatsTransport } from './create-nats-transport.ts'
export type { NatsAccount, NatsTls, NatsTransportOptions } from './options.ts'

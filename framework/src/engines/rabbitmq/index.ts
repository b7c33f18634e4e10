/**
 * RabbitMQ: carries messages over quorum queues. One durable direct exchange for an application, one
 * quorum queue with a single active consumer for every module that listens; a publication is accepted when
 * a majority of the queue's nodes have it on disk (publisher confirms), for all of its queues. A process
 * that ends gives back what it did not acknowledge, in order.
 * Not for calls between modules, nor for history: what is acknowledged is gone.
 * Promises: those of the port (messages). They hold only as long as nobody takes messages away: no policy
 * with `message-ttl`, `expires` or `delivery-limit` may match the queues (AMQP does not show policies), and queues are
 * not deleted by hand; one that is gone is declared again, empty. A policy's `max-length` refuses
 * what is new; messages of one refused batch may then change places.
 * A node that is killed within a second of the creation of a queue may forget that it serves it: the process
 * that created it waits (`settleMs`), others do not know.
 * Limits: RabbitMQ ≥ 3.10 (tested: 3.10.8). A module or topic that is no longer declared keeps its queue or
 * binding: delete it, or it fills the disk. Memory: `batchMax` messages for each consumer of a process.
 */
export { createRabbitmqTransport } from './create-rabbitmq-transport.ts'
export type { RabbitmqTransportOptions } from './options.ts'

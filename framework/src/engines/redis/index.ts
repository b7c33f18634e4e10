/**
 * Redis: carries messages over streams. One stream for every topic that somebody wants, in it a group for
 * every consumer; one process at a time works for a consumer, by a lease that every read and every
 * acknowledgement is fenced with. What all groups have acknowledged is trimmed away at once.
 * Not for calls between modules, nor for history, nor for caches (room cache): memory that is full refuses.
 * Promises: those of the port (messages), on one server with `appendonly yes` and `appendfsync always`. With
 * `everysec` (only if `acceptOneSecond` says so) a power cut takes up to a second of accepted messages with it.
 * Replication is asynchronous: a replica that is promoted may lack what was accepted last. Where that may
 * not be, choose RabbitMQ.
 * Limits: Redis ≥ 6.2 or Valkey (tested: Redis 7.0.15); no cluster. A process that was killed is followed
 * by another one after `leaseMs`. Memory holds every message that is not acknowledged by all; a consumer or
 * topic that is no longer declared keeps its group, and so its messages: `XGROUP DESTROY` it.
 */
export { createRedisTransport } from './create-redis-transport.ts'
export type { RedisTransportOptions } from './options.ts'

import type { Clock } from '../../kernel/index.ts'

/** How RabbitMQ is reached. */
export interface RabbitmqTransportOptions {
  /** `amqp://user:password@host:5672/vhost`, or `amqps:` for TLS. The user configures, writes and reads the
   *  exchange and the queues of the application. */
  readonly url: string
  /** More nodes of the cluster, as `host:port`; tried in turn instead of the URL's host. */
  readonly hosts?: readonly string[]
  readonly clock: Clock
  /** 1..1,000 messages of one delivery: 200 unless given. A process holds at most so many for each of its
   *  consumers, of 1 MiB each at most. */
  readonly batchMax?: number
  /** How long `open` waits after it has created a queue: 2 s unless given. A node that is killed within a second
   *  of that forgets that it serves the queue, and what the queue took is stuck (seen with 3.10.8). 0 where
   *  queues are created long before they are used. */
  readonly settleMs?: number
  /** Told what the transport survives: lost connections, rejected deliveries, foreign messages. */
  readonly report?: (problem: string) => void
}

export const batchMaxDefault = 200
export const settleMsDefault = 2_000

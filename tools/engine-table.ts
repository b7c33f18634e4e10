/** A program that tests and benchmarks use and npm does not bring along. */
export interface EngineRow {
  readonly name: string
  /** The executable that must be found. */
  readonly binary: string
  readonly debian: string
  readonly homebrew: string
  /** An official image that can stand in for it; most tests start the binary themselves. */
  readonly docker?: string
  /** What is not tested without it. */
  readonly neededBy: string
}

/** Every engine of development; `npm run engines` installs them, tests ask for them by name. */
export const engines: readonly EngineRow[] = [
  {
    name: 'wrk',
    binary: 'wrk',
    debian: 'wrk',
    homebrew: 'wrk',
    neededBy: 'load on the HTTP endpoint (bench, npm run bench)',
  },
  {
    name: 'haproxy',
    binary: 'haproxy',
    debian: 'haproxy',
    homebrew: 'haproxy',
    docker: 'haproxy:2.6',
    neededBy: 'the gateway (engines/haproxy, cluster)',
  },
  {
    name: 'rabbitmq',
    binary: 'rabbitmq-server',
    debian: 'rabbitmq-server',
    homebrew: 'rabbitmq',
    docker: 'rabbitmq:4',
    neededBy: 'messages over RabbitMQ (engines/rabbitmq)',
  },
  {
    name: 'redis',
    binary: 'redis-server',
    debian: 'redis-server',
    homebrew: 'redis',
    docker: 'redis:7',
    neededBy: 'messages over Redis Streams (engines/redis)',
  },
  {
    name: 'nats',
    binary: 'nats-server',
    debian: 'nats-server',
    homebrew: 'nats-server',
    docker: 'nats:2',
    neededBy: 'messages over NATS JetStream (engines/nats)',
  },
  {
    name: 'kcat',
    binary: 'kcat',
    debian: 'kcat',
    homebrew: 'kcat',
    neededBy: 'messages over Kafka, against the mock cluster of librdkafka (engines/kafka)',
  },
]

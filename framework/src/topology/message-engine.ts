/** What carries messages between modules. */
export type MessageEngine = 'postgres' | 'rabbitmq' | 'nats' | 'redis' | 'kafka'

const schemes: Readonly<Record<string, MessageEngine>> = {
  amqp: 'rabbitmq',
  amqps: 'rabbitmq',
  nats: 'nats',
  tls: 'nats',
  redis: 'redis',
  rediss: 'redis',
  kafka: 'kafka',
}

/** All of them. */
export const messageEngines: readonly MessageEngine[] = [
  'postgres',
  'rabbitmq',
  'nats',
  'redis',
  'kafka',
]

/** The engine that a URL names by its scheme (`amqp://…`); undefined for another one. */
export function messageEngineOf(url: string): MessageEngine | undefined {
  const scheme = /^([a-z]+):\/\//.exec(url)?.[1] ?? ''
  return Object.hasOwn(schemes, scheme) ? schemes[scheme] : undefined
}

import { AMQPChannelError, type Channel } from 'rabbitmq-client'
import type { TransportDeclaration } from '../../messages/index.ts'
import { incapable, isRefusedDeclaration, reasonOf } from './failure.ts'
import type { Link } from './link.ts'
import { type Names, namesOf } from './names.ts'

/** Above any number of deaths of consumers: RabbitMQ 4 drops a message after 20 unless told. A figure that
 *  every version takes, since what a queue was declared with cannot be changed. */
const deliveryLimit = 2_000_000_000

/** What every queue is declared with; one that has other arguments is refused by the broker. */
const queueArguments = {
  // replicated, and on disk before it is confirmed
  'x-queue-type': 'quorum',
  // one process at a time: that is what keeps the order
  'x-single-active-consumer': true,
  'x-delivery-limit': deliveryLimit,
  // a limit that an operator's policy sets then refuses instead of dropping
  'x-overflow': 'reject-publish',
} as const

/** Declares exchange, queues and bindings; what exists already stays.
 *  @param beforeCreation  Awaited when a queue is missing.
 *  @returns whether a queue was created
 *  @throws MESSAGES_TRANSPORT_INCAPABLE · MESSAGES_TRANSPORT_UNAVAILABLE */
export async function declare(
  link: Link,
  declaration: TransportDeclaration,
  beforeCreation: () => Promise<void>,
): Promise<boolean> {
  const names = namesOf(declaration.application)
  const isNew = await isAnyMissing(link, declaration)
  if (isNew) await beforeCreation()
  const channel = await link.channel()
  try {
    await declareExchange(channel, names)
    for (const { name, topics } of declaration.consumers) {
      await declareQueue(channel, names, name)
      for (const topic of topics) {
        await channel.queueBind({
          exchange: names.exchange,
          queue: names.queueOf(name),
          routingKey: topic,
        })
      }
    }
    return isNew
  } finally {
    await channel.close()
  }
}

/** Asked before: a declaration does not tell whether it created something. */
async function isAnyMissing(
  link: Link,
  { application, consumers }: TransportDeclaration,
): Promise<boolean> {
  const names = namesOf(application)
  const channel = await link.channel()
  try {
    for (const { name } of consumers) {
      await channel.queueDeclare({ queue: names.queueOf(name), passive: true })
    }
    return false
  } catch (error) {
    // the broker closes the channel with its answer
    if (error instanceof AMQPChannelError && error.code === 'NOT_FOUND') return true
    throw error
  } finally {
    await channel.close()
  }
}

/** A direct exchange: topics are names, and none of their characters may mean "any". */
async function declareExchange(channel: Channel, { exchange }: Names): Promise<void> {
  try {
    await channel.exchangeDeclare({ exchange, type: 'direct', durable: true })
  } catch (error) {
    if (!isRefusedDeclaration(error)) throw error
    throw incapable(
      `the exchange "${exchange}" outlives a restart: it exists with other properties (${reasonOf(error)})`,
      error,
    )
  }
}

async function declareQueue(channel: Channel, names: Names, consumer: string): Promise<void> {
  const queue = names.queueOf(consumer)
  try {
    await channel.queueDeclare({ queue, durable: true, arguments: queueArguments })
  } catch (error) {
    if (!isRefusedDeclaration(error)) throw error
    throw incapable(
      `the queue "${queue}" loses nothing: it exists with other properties, or the broker has no quorum queues with a single active consumer (${reasonOf(error)})`,
      error,
    )
  }
}

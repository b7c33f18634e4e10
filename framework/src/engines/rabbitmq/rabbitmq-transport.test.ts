import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { Connection } from 'rabbitmq-client'
import { sleep } from '../../kernel/index.ts'
import {
  messagesTransportIncapable,
  messagesTransportUnavailable,
  type Transport,
} from '../../messages/index.ts'
import { Inbox, messages, transportSuite } from '../../testing/transport.suite.ts'
import { clock, rabbitmq, TestBroker } from './broker.fixture.ts'
import { createRabbitmqTransport, type RabbitmqTransportOptions } from './index.ts'
import { ConsumerProcess } from './started-consumer.fixture.ts'
import { settleMsDefault } from './options.ts'

const patienceMs = 30_000
const starting = rabbitmq.skip === undefined ? TestBroker.start() : undefined
after(async () => (await starting)?.[Symbol.asyncDispose]())

async function running(): Promise<TestBroker> {
  const broker = await starting
  if (broker === undefined) throw new Error(rabbitmq.skip)
  return broker
}

/** A transport that has opened one consumer of one topic, and the connection of someone else. */
async function opened(
  options: Partial<RabbitmqTransportOptions> = {},
): Promise<{ transport: Transport; other: Connection; names: string } & AsyncDisposable> {
  const broker = await running()
  const application = broker.nextApplication()
  const transport = createRabbitmqTransport({ url: broker.url, clock, settleMs: 0, ...options })
  const other = new Connection(broker.url)
  // it dies with the broker, as a test may want
  other.on('error', () => {})
  await transport.open(declarationOf(application))
  return {
    transport,
    other,
    names: `banyan.${application}`,
    async [Symbol.asyncDispose]() {
      await transport[Symbol.asyncDispose]()
      await other.close()
    },
  }
}

const declarationOf = (application: string): Parameters<Transport['open']>[0] => ({
  application,
  topics: ['orders.paid'],
  consumers: [{ name: 'shipping', topics: ['orders.paid'] }],
})

transportSuite(
  'rabbitmq',
  async () => {
    const broker = await running()
    return {
      application: broker.nextApplication(),
      // once, before the kill, instead of at the creation of each of many queues
      transport: async () => createRabbitmqTransport({ url: broker.url, clock, settleMs: 0 }),
      kill: async () => {
        await sleep(clock, settleMsDefault)
        await broker.kill()
      },
      restart: () => broker.restart(),
      patienceMs,
    }
  },
  rabbitmq,
)

const before: readonly (readonly [
  string,
  (other: Connection, names: string) => Promise<unknown>,
])[] = [
  [
    'a classic queue',
    (other, names) => other.queueDeclare({ queue: `${names}.shipping`, durable: true }),
  ],
  [
    'a queue that drops a message after three deaths',
    (other, names) =>
      other.queueDeclare({
        queue: `${names}.shipping`,
        durable: true,
        arguments: { 'x-queue-type': 'quorum', 'x-delivery-limit': 3 },
      }),
  ],
  [
    'an exchange that is gone after a restart',
    (other, names) => other.exchangeDeclare({ exchange: names, type: 'direct', durable: false }),
  ],
]

for (const [what, declare] of before) {
  test(`open refuses ${what} in the place of its own`, rabbitmq, async () => {
    const broker = await running()
    const application = broker.nextApplication()
    const other = new Connection(broker.url)
    await declare(other, `banyan.${application}`)
    await using transport = createRabbitmqTransport({ url: broker.url, clock })
    await assert.rejects(transport.open(declarationOf(application)), (error: unknown) => {
      assert.ok(messagesTransportIncapable.is(error))
      assert.match(error.message, /exists with other properties/)
      return true
    })
    await other.close()
  })
}

test('open refuses a name that the protocol cannot carry', rabbitmq, async () => {
  const broker = await running()
  await using transport = createRabbitmqTransport({ url: broker.url, clock })
  const opening = transport.open(declarationOf('a'.repeat(250)))
  await assert.rejects(opening, (error) => messagesTransportIncapable.is(error))
})

test('open says why a broker does not let it in', rabbitmq, async () => {
  const broker = await running()
  const url = broker.url.replace('guest:guest', 'guest:wrong')
  await using transport = createRabbitmqTransport({ url, clock })
  await assert.rejects(transport.open(declarationOf('a')), (error: unknown) => {
    assert.ok(messagesTransportUnavailable.is(error))
    assert.match(error.message, /ACCESS_REFUSED/)
    return true
  })
})

test(
  'a queue that was deleted is noticed by the publisher and declared again',
  rabbitmq,
  async () => {
    await using scene = await opened()
    const { transport, other, names } = scene
    const inbox = new Inbox(patienceMs)
    await transport.consume('shipping', inbox.deliver())
    await transport.publish(messages('orders.paid', 1))
    await other.queueDelete(`${names}.shipping`)
    const sent = messages('orders.paid', 10)
    const refused = await transport.publish(sent).then(
      () => undefined,
      (error: unknown) => error,
    )
    // the consumer may have declared it before the publisher came
    if (refused !== undefined) {
      assert.ok(messagesTransportUnavailable.is(refused))
      await transport.publish(sent)
    }
    await inbox.holds(sent)
  },
)

test('a topic that lost all of its queues is refused', rabbitmq, async () => {
  await using scene = await opened()
  const { transport, other, names } = scene
  await other.queueDelete(`${names}.shipping`)
  const publishing = transport.publish(messages('orders.paid', 3))
  await assert.rejects(publishing, (error: unknown) => {
    assert.ok(messagesTransportUnavailable.is(error))
    assert.match(error.message, /the queues of orders.paid are gone/)
    return true
  })
})

test('a foreign message is refused, told of, and holds up nothing', rabbitmq, async () => {
  const told: string[] = []
  await using scene = await opened({ report: (problem) => void told.push(problem) })
  const { transport, other, names } = scene
  const publisher = other.createPublisher({ confirm: true })
  await publisher.send({ exchange: names, routingKey: 'orders.paid' }, 'not ours')
  await publisher.close()
  const inbox = new Inbox(patienceMs)
  await transport.consume('shipping', inbox.deliver())
  const sent = messages('orders.paid', 10)
  await transport.publish(sent)
  await inbox.holds(sent)
  assert.equal(inbox.taken.length, sent.length)
  assert.ok(told.some((problem) => problem.includes('a foreign message was refused')))
  const { messageCount } = await other.queueDeclare({ queue: `${names}.shipping`, passive: true })
  assert.equal(messageCount, 0)
})

test(
  'a consumer that was not declared is refused, and so is all after the end',
  rabbitmq,
  async () => {
    await using scene = await opened()
    const { transport } = scene
    const consuming = transport.consume('mail', async () => {})
    await assert.rejects(consuming, (error) => messagesTransportIncapable.is(error))
    await transport[Symbol.asyncDispose]()
    const unavailable = (error: unknown): boolean => messagesTransportUnavailable.is(error)
    await assert.rejects(transport.publish(messages('orders.paid', 1)), unavailable)
    await assert.rejects(transport.open(declarationOf('a')), unavailable)
  },
)

test(
  'a node that is killed as soon as a new queue is open keeps what it took',
  rabbitmq,
  async () => {
    const broker = await running()
    await using scene = await opened({ settleMs: settleMsDefault })
    const sent = messages('orders.paid', 10)
    await scene.transport.publish(sent)
    await broker.kill()
    await broker.restart()
    const inbox = new Inbox(patienceMs)
    await scene.transport.consume('shipping', inbox.deliver())
    await inbox.holds(sent)
  },
)

test('what a process held when it was killed goes to another one, in order', rabbitmq, async () => {
  const server = await running()
  const application = server.nextApplication()
  await using transport = createRabbitmqTransport({ url: server.url, clock, settleMs: 0 })
  await transport.open(declarationOf(application))
  const taken: string[] = []
  await using dying = new ConsumerProcess([server.url, application, 'hang'], taken)
  const sent = messages('orders.paid', 40)
  await transport.publish(sent.slice(0, 20))
  const inbox = new Inbox(patienceMs)
  await inbox.waits(
    () => 'nothing was given',
    () => dying.given.length > 0,
  )
  await transport.consume('shipping', inbox.deliver())
  dying.child.kill('SIGKILL')
  await transport.publish(sent.slice(20))
  await inbox.holds(sent)
  const arrived = new Set(inbox.taken.map(({ id }) => id))
  assert.deepEqual(
    [...arrived],
    sent.map(({ id }) => id),
  )
})

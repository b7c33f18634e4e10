import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import {
  type CarriedMessage,
  messagesTransportUnavailable,
  type Transport,
} from '../../messages/index.ts'
import { type Names, namesOf } from './names.ts'
import { clock, natsServer, TestNats, until } from './nats-server.fixture.ts'
import type { NatsTransportOptions } from './options.ts'
import { sleep } from '../../kernel/index.ts'

const server = natsServer.skip === undefined ? await TestNats.start() : undefined
after(() => server?.[Symbol.asyncDispose]())
const topic = 'orders.paid'

interface Scene extends AsyncDisposable {
  readonly transport: Transport
  readonly names: Names
  readonly connection: NatsConnection
  readonly manager: JetStreamManager
  /** What waits in the stream. */
  waiting(): Promise<number>
}

async function sceneOf(
  application: string,
  options: Partial<NatsTransportOptions> = {},
): Promise<Scene> {
  assert.ok(server !== undefined)
  const transport = server.transport(options)
  const consumers = ['shipping', 'mail'].map((name) => ({ name, topics: [topic] }))
  await transport.open({ application, topics: [topic], consumers })
  const names = namesOf(application)
  const connection = await connect({ servers: server.url })
  const manager = await jetstreamManager(connection)
  return {
    transport,
    names,
    connection,
    manager,
    waiting: async () => (await manager.streams.info(names.stream)).state.messages,
    async [Symbol.asyncDispose]() {
      await transport[Symbol.asyncDispose]()
      await connection.close()
    },
  }
}

function messages(from: number, count: number, payload = '{}'): CarriedMessage[] {
  return Array.from({ length: count }, (_, index) => {
    const id = `m-${from + index}`
    return { id, name: topic, version: 1, key: 'one', payload, headers: '{}' }
  })
}

const idsOf = (all: readonly CarriedMessage[]): string[] => all.map(({ id }) => id)

test(
  'what every consumer has acknowledged leaves the stream, and nothing else does',
  natsServer,
  async () => {
    await using scene = await sceneOf('leaving')
    await scene.transport.publish(messages(0, 50))
    const shipped: string[] = []
    await scene.transport.consume('shipping', async (batch) => void shipped.push(...idsOf(batch)))
    await until(async () => shipped.length === 50, 'one consumer has all')
    await sleep(clock, 200)
    assert.equal(await scene.waiting(), 50)
    await scene.transport.consume('mail', async () => {})
    await until(async () => (await scene.waiting()) === 0, 'the stream is empty')
  },
)

test('a batch that is published again is stored once', natsServer, async () => {
  await using scene = await sceneOf('again')
  await scene.transport.publish(messages(0, 20))
  await scene.transport.publish(messages(0, 25))
  assert.equal(await scene.waiting(), 25)
})

test(
  'a full stream refuses, keeps what it has, and takes the rest later in order',
  natsServer,
  async () => {
    await using scene = await sceneOf('full', { bytesMax: 100_000 })
    const batch = messages(0, 6, 'x'.repeat(30_000))
    // the last one would fit, but its predecessor does not
    batch.push(...messages(6, 1))
    await assert.rejects(scene.transport.publish(batch), (error) =>
      messagesTransportUnavailable.is(error),
    )
    assert.equal(await scene.waiting(), 3)
    const taken: string[] = []
    await scene.transport.consume('mail', async () => {})
    await scene.transport.consume('shipping', async (given) => void taken.push(...idsOf(given)))
    await until(
      () =>
        scene.transport.publish(batch).then(
          () => true,
          () => false,
        ),
      'the rest is taken',
    )
    await until(async () => taken.length >= 7, 'all arrive')
    assert.deepEqual([...new Set(taken)], idsOf(batch))
  },
)

test(
  'messages that went to a process that fell silent come before their successors',
  natsServer,
  async () => {
    await using scene = await sceneOf('silent')
    const { connection, names, transport } = scene
    const durable = names.durableOf('shipping', topic)
    const stolen: string[] = []
    // as a process that is stopped: it still has a request open, and never acknowledges
    connection.subscribe('_INBOX.silent', {
      callback: (_, { headers }) => void stolen.push(headers?.get('Nats-Msg-Id') ?? ''),
    })
    const subject = `$JS.API.CONSUMER.MSG.NEXT.${names.stream}.${durable}`
    const request = JSON.stringify({ batch: 10, expires: 5_000_000_000 })
    connection.publish(subject, request, { reply: '_INBOX.silent' })
    await connection.flush()
    const taken: string[] = []
    await transport.consume('shipping', async (batch) => void taken.push(...idsOf(batch)))
    await sleep(clock, 200)
    const sent = messages(0, 60)
    await transport.publish(sent)
    await until(async () => taken.length >= 60, 'all arrive')
    assert.ok(
      stolen.filter((id) => id !== '').length > 0,
      'nothing was stolen: the test shows nothing',
    )
    assert.deepEqual([...new Set(taken)], idsOf(sent))
  },
)

test(
  'a message cannot be deleted by hand, which would lose those before it',
  natsServer,
  async () => {
    await using scene = await sceneOf('deleted')
    await scene.transport.publish(messages(0, 5))
    await assert.rejects(scene.manager.streams.deleteMessage(scene.names.stream, 3))
    assert.equal(await scene.waiting(), 5)
  },
)

test(
  'a module that is slow holds few large messages, and gets all of them',
  natsServer,
  async () => {
    await using scene = await sceneOf('large')
    const { manager, names, transport } = scene
    const { promise, resolve } = Promise.withResolvers<void>()
    const taken: string[] = []
    await transport.consume('shipping', async (batch) => {
      await promise
      taken.push(...idsOf(batch))
    })
    const sent = messages(0, 40, 'x'.repeat(1024 * 1024))
    await transport.publish(sent)
    const durable = names.durableOf('shipping', topic)
    const held = async (): Promise<number> =>
      (await manager.consumers.info(names.stream, durable)).num_ack_pending
    await until(async () => (await held()) >= 8, 'it holds some')
    await sleep(clock, 500)
    assert.ok((await held()) <= 20, `${await held()} MiB are held`)
    resolve()
    await until(async () => taken.length >= 40, 'all arrive')
    assert.deepEqual([...new Set(taken)], idsOf(sent))
  },
)

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { after, test } from 'node:test'
import { jetstreamManager, type StreamConfig } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { messagesTransportIncapable, messagesTransportUnavailable } from '../../messages/index.ts'
import { namesOf } from './names.ts'
import { natsServer, TestNats } from './nats-server.fixture.ts'

const server = natsServer.skip === undefined ? await TestNats.start() : undefined
after(() => server?.[Symbol.asyncDispose]())

const refuses = (words: RegExp) => (error: unknown) => {
  assert.ok(messagesTransportIncapable.is(error), String(error))
  assert.match(error.message, words)
  return true
}
const declare = (application: string) => ({
  application,
  topics: ['orders.paid'],
  consumers: [{ name: 'shipping', topics: ['orders.paid'] }],
})

test('a server without JetStream is refused', natsServer, async () => {
  await using plain = await TestNats.start({ jetstream: false })
  await using transport = plain.transport()
  await assert.rejects(transport.open(declare('shop')), refuses(/JetStream is disabled/))
})

test(
  'a server whose messages are too small for a payload of 1 MiB is refused',
  natsServer,
  async () => {
    await using small = await TestNats.start({ maxPayload: '1MB' })
    await using transport = small.transport()
    await assert.rejects(transport.open(declare('shop')), refuses(/max_payload: 2MB/))
  },
)

const unsafe: readonly (readonly [string, Partial<StreamConfig>, RegExp])[] = [
  ['in memory', { storage: 'memory' }, /memory storage/],
  ['with retention by limits', { retention: 'limits' }, /limits retention/],
  ['as a work queue', { retention: 'workqueue' }, /workqueue retention/],
  ['that drops what is old', { discard: 'old', max_msgs: 10 }, /drops messages/],
  ['that drops by age', { discard: 'new', max_age: 60_000_000_000 }, /drops messages/],
  ['whose messages can be deleted one by one', { deny_delete: false }, /Set deny_delete/],
  ['that keeps one per subject', { discard: 'new', max_msgs_per_subject: 1 }, /drops messages/],
]
for (const [index, [title, config, words]] of unsafe.entries()) {
  test(`a stream ${title} that is there already is refused`, natsServer, async () => {
    assert.ok(server !== undefined)
    const application = `unsafe-${index}`
    const { stream, allSubjects } = namesOf(application)
    await using connection = await connect({ servers: server.url })
    const manager = await jetstreamManager(connection)
    await manager.streams.add({
      name: stream,
      subjects: [allSubjects],
      storage: 'file',
      retention: 'interest',
      deny_delete: true,
      ...config,
    })
    await using transport = server.transport()
    await assert.rejects(transport.open(declare(application)), refuses(words))
  })
}

test('a stream of that name that holds other subjects is refused', natsServer, async () => {
  assert.ok(server !== undefined)
  await using connection = await connect({ servers: server.url })
  const manager = await jetstreamManager(connection)
  const { stream } = namesOf('foreign')
  await manager.streams.add({ name: stream, subjects: ['other'], retention: 'interest' })
  await using transport = server.transport()
  await assert.rejects(transport.open(declare('foreign')), refuses(/does not hold it/))
})

test('a durable consumer with other settings is refused', natsServer, async () => {
  assert.ok(server !== undefined)
  const names = namesOf('giving-up')
  await using first = server.transport()
  await first.open({ ...declare('giving-up'), consumers: [] })
  await using connection = await connect({ servers: server.url })
  const manager = await jetstreamManager(connection)
  await manager.consumers.add(names.stream, {
    durable_name: names.durableOf('shipping', 'orders.paid'),
    filter_subject: names.subjectOf('orders.paid'),
    ack_policy: 'all',
    max_deliver: 3,
  })
  await assert.rejects(first.open(declare('giving-up')), refuses(/exists with other settings/))
})

test('without a word on power cuts it is refused', natsServer, async () => {
  assert.ok(server !== undefined)
  await using transport = server.transport({ acceptSyncInterval: false })
  await assert.rejects(transport.open(declare('shop')), refuses(/power cut: it syncs every 2 min/))
})

test('monitors must say that each message is synced', natsServer, async () => {
  assert.ok(server !== undefined)
  let answer = '{"config":{"sync_interval":120000000000}}'
  const monitor = createServer((_, response) => response.end(answer)).listen(0, '127.0.0.1')
  await once(monitor, 'listening')
  const address = monitor.address()
  const port = typeof address === 'object' ? address?.port : 0
  const options = { acceptSyncInterval: false, monitors: [`http://127.0.0.1:${port}`] }
  try {
    await using transport = server.transport(options)
    await assert.rejects(transport.open(declare('shop')), refuses(/does not say/))
    answer = '{"config":{"sync_interval":120000000000,"sync_always":true}}'
    await transport.open(declare('shop'))
  } finally {
    monitor.close()
    monitor.closeAllConnections()
  }
  await using later = server.transport(options)
  await assert.rejects(later.open(declare('shop')), (e) => messagesTransportUnavailable.is(e))
})

test('before it is open, and after it was disposed, nothing is taken', natsServer, async () => {
  assert.ok(server !== undefined)
  const isUnavailable = (error: unknown): boolean => messagesTransportUnavailable.is(error)
  const transport = server.transport()
  await assert.rejects(transport.publish([]), isUnavailable)
  await transport.open(declare('closing'))
  const unknown = transport.consume('nobody', async () => {})
  await assert.rejects(unknown, refuses(/not declared at open/))
  await transport[Symbol.asyncDispose]()
  await transport[Symbol.asyncDispose]()
  await assert.rejects(transport.publish([]), isUnavailable)
  await assert.rejects(
    transport.consume('shipping', async () => {}),
    isUnavailable,
  )
  await assert.rejects(transport.open(declare('closing')), isUnavailable)
})

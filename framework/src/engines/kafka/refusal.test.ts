import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { messagesTransportIncapable, messagesTransportUnavailable } from '../../messages/index.ts'
import { clock, kcat, MockCluster } from './kafka.fixture.ts'
import { createKafkaTransport } from './index.ts'

const cluster = kcat.skip === undefined ? await MockCluster.start() : undefined
after(() => cluster?.[Symbol.asyncDispose]())

const declaration = {
  application: 'refusing',
  topics: ['orders.paid'],
  consumers: [{ name: 'shipping', topics: ['orders.paid'] }],
}
const isUnavailable = (error: unknown): boolean => messagesTransportUnavailable.is(error)

test(
  'a cluster that does not tell its settings is refused, unless that is accepted',
  kcat,
  async () => {
    assert.ok(cluster !== undefined)
    await using transport = cluster.transport({ acceptUnverified: false })
    await assert.rejects(transport.open(declaration), (error) => {
      assert.ok(messagesTransportIncapable.is(error), String(error))
      assert.match(error.message, /acceptUnverified/)
      return true
    })
    await using accepting = cluster.transport()
    await accepting.open(declaration)
  },
)

test('a cluster that is not there is unavailable, in time', async () => {
  await using transport = createKafkaTransport({ brokers: ['127.0.0.1:1'], clock })
  const startedMs = clock.monotonicMs()
  await assert.rejects(transport.open(declaration), isUnavailable)
  assert.ok(clock.monotonicMs() - startedMs < 10_000)
})

test('a cluster that ends refuses what is published, in time', kcat, async () => {
  await using dying = await MockCluster.start()
  await using transport = dying.transport()
  await transport.open(declaration)
  const message = {
    id: '1',
    name: 'orders.paid',
    version: 1,
    key: 'a',
    payload: '{}',
    headers: '{}',
  }
  await transport.publish([message])
  await dying[Symbol.asyncDispose]()
  for (const _ of [1, 2]) {
    const startedMs = clock.monotonicMs()
    await assert.rejects(transport.publish([message]), isUnavailable)
    assert.ok(clock.monotonicMs() - startedMs < 10_000)
  }
})

test('before it is open, and after it was disposed, nothing is taken', kcat, async () => {
  assert.ok(cluster !== undefined)
  const transport = cluster.transport()
  await assert.rejects(transport.publish([]), isUnavailable)
  await transport.open(declaration)
  await assert.rejects(
    transport.consume('nobody', async () => {}),
    (error) => messagesTransportIncapable.is(error),
  )
  await transport[Symbol.asyncDispose]()
  await transport[Symbol.asyncDispose]()
  await assert.rejects(transport.publish([]), isUnavailable)
  await assert.rejects(
    transport.consume('shipping', async () => {}),
    isUnavailable,
  )
  await assert.rejects(transport.open(declaration), isUnavailable)
})

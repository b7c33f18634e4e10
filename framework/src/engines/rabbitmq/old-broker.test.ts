import assert from 'node:assert/strict'
import { test } from 'node:test'
import { messagesTransportIncapable } from '../../messages/index.ts'
import { clock, rabbitmq, TestBroker } from './broker.fixture.ts'
import { createRabbitmqTransport } from './index.ts'

test('open refuses a broker whose quorum queues are switched off', rabbitmq, async () => {
  await using broker = await TestBroker.start({ RABBITMQ_FEATURE_FLAGS: '' })
  await using transport = createRabbitmqTransport({ url: broker.url, clock })
  const opening = transport.open({
    application: 'a',
    topics: ['orders.paid'],
    consumers: [{ name: 'shipping', topics: ['orders.paid'] }],
  })
  await assert.rejects(opening, (error: unknown) => {
    assert.ok(messagesTransportIncapable.is(error), String(error))
    assert.match(error.message, /has no quorum queues/)
    return true
  })
})

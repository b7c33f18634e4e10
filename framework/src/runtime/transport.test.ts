import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSystemClock, createSystemRandom } from '../kernel/index.ts'
import { createMemorySink, createTelemetry } from '../telemetry/index.ts'
import { runtimeSettingInvalid } from './errors.ts'
import { createTransport } from './transport.ts'

const clock = createSystemClock()
const parts = {
  clock,
  planned: undefined,
  telemetry: createTelemetry({
    ...{ clock, random: createSystemRandom(), service: 'test', sink: createMemorySink() },
  }),
}

test('a URL chooses what carries messages, and connects to nothing yet', async () => {
  const urls = {
    rabbitmq: 'amqp://127.0.0.1:1',
    redis: 'redis://127.0.0.1:1?accept-one-second=true',
    nats: 'nats://127.0.0.1:1?accept-sync-interval=true',
    kafka: 'kafka://127.0.0.1:1,127.0.0.1:2',
  }
  for (const [engine, url] of Object.entries(urls)) {
    await using transport = await createTransport(url, parts)
    assert.equal(transport.engine, engine)
  }
})

test('an address that leads elsewhere than the plan says is refused', async () => {
  await assert.rejects(
    createTransport('redis://127.0.0.1:1', { ...parts, planned: 'nats' }),
    (error: Error) =>
      runtimeSettingInvalid.is(error) &&
      /leads to redis, and the plan says nats/.test(error.message),
  )
  await assert.rejects(createTransport('mqtt://127.0.0.1:1', parts), runtimeSettingInvalid.is)
})

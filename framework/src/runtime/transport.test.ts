import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSystemClock, createSystemRandom } from '../kernel/index.ts'
import { createMemorySink, createTelemetry } from '../telemetry/index.ts'
import { runtimeSettingInvalid } from './errors.ts'
import { parseMessagesUrl } from './messages-url.ts'
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
    kafka: 'kafka://shop:s%40lt@127.0.0.1:1,127.0.0.1:2?tls=true&mechanism=plain&retention-ms=-1',
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

test('an address is read with its account and its servers; what nobody knows is refused', async () => {
  const { hosts, account } = parseMessagesUrl('kafka://shop:s%40lt@a:1,b:2?tls=true')
  assert.deepEqual(hosts, ['a:1', 'b:2'])
  assert.deepEqual(account, { user: 'shop', password: 's@lt' })
  const wrong = {
    'redis://a?accept-one-secnd=true': /did you mean "accept-one-second"/,
    'redis://a?accept-one-second=yes': /not true or false/,
    'nats://a?replicas=three': /not a whole number/,
    'kafka://a?mechanism=none': /knows no mechanism/,
  }
  for (const [url, reason] of Object.entries(wrong)) {
    await assert.rejects(
      createTransport(url, parts),
      (error: Error) => runtimeSettingInvalid.is(error) && reason.test(error.message),
    )
  }
})

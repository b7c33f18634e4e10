import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createClient } from '@redis/client'
import { sleep } from '../../kernel/index.ts'
import {
  messagesTransportIncapable,
  messagesTransportUnavailable,
  type Transport,
} from '../../messages/index.ts'
import { Inbox, messages, transportSuite } from '../../testing/transport.suite.ts'
import { createRedisTransport, type RedisTransportOptions } from './index.ts'
import { ConsumerProcess } from './started-consumer.fixture.ts'
import { clock, durable, redis, TestRedis } from './server.fixture.ts'

const patienceMs = 20_000
const starting = redis.skip === undefined ? TestRedis.start() : undefined
after(async () => (await starting)?.[Symbol.asyncDispose]())

async function running(): Promise<TestRedis> {
  const server = await starting
  if (server === undefined) throw new Error(redis.skip)
  return server
}

transportSuite(
  'redis',
  async () => {
    const server = await running()
    return {
      application: server.nextApplication(),
      transport: async () => createRedisTransport({ url: server.url, clock }),
      kill: () => server.kill(),
      restart: () => server.restart(),
      patienceMs,
    }
  },
  redis,
)

const declarationOf = (application: string): Parameters<Transport['open']>[0] => ({
  application,
  topics: ['orders.paid', 'stock.low'],
  consumers: [
    { name: 'shipping', topics: ['orders.paid', 'stock.low'] },
    { name: 'mail', topics: ['orders.paid'] },
  ],
})

async function open(
  server: TestRedis,
  application: string,
  options: Partial<RedisTransportOptions> = {},
): Promise<Transport> {
  const transport = createRedisTransport({ url: server.url, clock, ...options })
  await transport.open(declarationOf(application))
  return transport
}

const refused: readonly (readonly [string, Record<string, string>, RegExp])[] = [
  ['keeps no log', { appendonly: 'no' }, /may lose all of it/],
  ['leaves its log to the system', { appendfsync: 'no' }, /leaves that to the system/],
  ['writes its log each second', { appendfsync: 'everysec' }, /may lose a second/],
  ['does not sync during a rewrite', { 'no-appendfsync-on-rewrite': 'yes' }, /rewrites its log/],
  ['evicts when it is full', { 'maxmemory-policy': 'allkeys-lru' }, /it evicts/],
]

for (const [what, settings, words] of refused) {
  test(`open refuses a server that ${what}`, redis, async () => {
    await using server = await TestRedis.start({ ...durable, ...settings })
    await using transport = createRedisTransport({ url: server.url, clock })
    await assert.rejects(transport.open(declarationOf('a')), (error: unknown) => {
      assert.ok(messagesTransportIncapable.is(error), String(error))
      assert.match(error.message, words)
      return true
    })
  })
}

test('open refuses a server that does not show its settings', redis, async () => {
  const server = await running()
  const client = createClient({ url: server.url })
  await client.connect()
  await client.aclSetUser('limited', ['on', '>secret', '~*', '&*', '+@all', '-config'])
  await client.close()
  const url = server.url.replace('redis://', 'redis://limited:secret@')
  await using transport = createRedisTransport({ url, clock })
  await assert.rejects(transport.open(declarationOf('a')), (error: unknown) => {
    assert.ok(messagesTransportIncapable.is(error), String(error))
    assert.match(error.message, /cannot be read/)
    return true
  })
})

test('a server that writes its log each second is taken by who accepts that', redis, async () => {
  await using server = await TestRedis.start({ ...durable, appendfsync: 'everysec' })
  await using transport = await open(server, 'a', { acceptOneSecond: true })
  await transport.publish(messages('orders.paid', 1))
})

test('a server that comes back with settings that lose gets no message', redis, async () => {
  await using server = await TestRedis.start()
  await using transport = await open(server, 'a')
  await transport.publish(messages('orders.paid', 1))
  await server.kill()
  await server.restart({ ...durable, appendfsync: 'no' })
  const again = async (): Promise<void> => {
    // the first attempt may only notice that the old connection is gone
    await transport.publish(messages('orders.paid', 1)).catch(() => {})
    await transport.publish(messages('orders.paid', 1))
  }
  await assert.rejects(again(), (error: unknown) => {
    assert.ok(messagesTransportUnavailable.is(error))
    assert.match(error.message, /leaves that to the system/)
    return true
  })
})

test('a server that is full refuses a batch as a whole and drops nothing', redis, async () => {
  await using server = await TestRedis.start({ ...durable, maxmemory: '8mb' })
  await using transport = await open(server, 'a')
  const payload = JSON.stringify('x'.repeat(200_000))
  const accepted: ReturnType<typeof messages> = []
  const fill = async (): Promise<void> => {
    for (let count = 0; count < 100; count++) {
      const batch = messages('stock.low', 2).map((each) => ({ ...each, payload }))
      await transport.publish(batch)
      accepted.push(...batch)
    }
  }
  await assert.rejects(fill(), (error: unknown) => {
    assert.ok(messagesTransportUnavailable.is(error))
    return true
  })
  const inbox = new Inbox(patienceMs)
  await transport.consume('shipping', inbox.deliver())
  await inbox.holds(accepted)
  assert.equal(inbox.taken.length, accepted.length)
})

test('a stream holds what somebody has not acknowledged, and nothing else', redis, async () => {
  const server = await running()
  const application = server.nextApplication()
  await using transport = await open(server, application)
  const client = createClient({ url: server.url })
  await client.connect()
  const lengthOf = (topic: string): Promise<number> =>
    client.xLen(`banyan:{${application}}:topic:${topic}`)
  const sent = messages('orders.paid', 500)
  await transport.publish([...sent, ...messages('stock.low', 10)])
  const shipping = new Inbox(patienceMs)
  const working = await transport.consume('shipping', shipping.deliver())
  await shipping.holds(sent)
  await working.stop()
  assert.deepEqual([await lengthOf('orders.paid'), await lengthOf('stock.low')], [500, 0])
  const mail = new Inbox(patienceMs)
  const mailing = await transport.consume('mail', mail.deliver())
  await mail.holds(sent)
  await mailing.stop()
  assert.equal(await lengthOf('orders.paid'), 0)
  await client.close()
})

test('a topic with a long backlog does not keep the others waiting', redis, async () => {
  const server = await running()
  await using transport = await open(server, server.nextApplication(), { batchMax: 50 })
  const [many, few] = [messages('orders.paid', 1_000), messages('stock.low', 5)]
  await transport.publish(many)
  await transport.publish(few)
  const inbox = new Inbox(patienceMs)
  await transport.consume('shipping', inbox.deliver())
  await inbox.holds([...many, ...few])
  const places = inbox.taken.flatMap(({ name }, place) => (name === 'stock.low' ? [place] : []))
  assert.ok(Math.max(...places) < 200, `the last one came at ${Math.max(...places)}`)
})

test(
  'a process that was silent for too long is followed, and cannot acknowledge',
  redis,
  async () => {
    const server = await running()
    const application = server.nextApplication()
    await using one = await open(server, application, { leaseMs: 1_000 })
    await using two = await open(server, application, { leaseMs: 1_000 })
    const held = Promise.withResolvers<void>()
    const silent = new Inbox(patienceMs, () => held.promise)
    const inbox = new Inbox(patienceMs)
    await one.consume('shipping', silent.deliver())
    const sent = messages('orders.paid', 20)
    await two.publish(sent)
    await silent.waits(
      () => 'nothing was given',
      () => silent.given.length > 0,
    )
    const thief = createClient({ url: server.url })
    await thief.connect()
    // as after a pause of the process that was longer than its lease
    await thief.del(`banyan:{${application}}:lease:shipping`)
    await two.consume('shipping', inbox.deliver())
    await inbox.holds(sent)
    const more = messages('orders.paid', 20)
    await two.publish(more)
    await inbox.holds(more)
    held.resolve()
    await sleep(clock, 300)
    assert.equal(silent.given.length, 1)
    const groups = await thief.xInfoGroups(`banyan:{${application}}:topic:orders.paid`)
    const stream = await thief.xInfoStream(`banyan:{${application}}:topic:orders.paid`)
    const position = groups.find(({ name }) => name === 'shipping')?.['last-delivered-id']
    assert.equal(position, stream['last-generated-id'])
    await thief.close()
  },
)

test('a delivery that takes longer than the lease keeps its turn', redis, async () => {
  const server = await running()
  const application = server.nextApplication()
  await using one = await open(server, application, { leaseMs: 1_000 })
  await using two = await open(server, application, { leaseMs: 1_000 })
  const slow = new Inbox(patienceMs, () => sleep(clock, 2_500))
  const other = new Inbox(patienceMs)
  await one.consume('shipping', slow.deliver())
  const sent = messages('orders.paid', 5)
  await two.publish(sent)
  await slow.waits(
    () => 'nothing was given',
    () => slow.given.length > 0,
  )
  await two.consume('shipping', other.deliver())
  await slow.holds(sent)
  assert.equal(other.given.length, 0)
})

test('streams that were deleted are noticed and made again', redis, async () => {
  const server = await running()
  const application = server.nextApplication()
  await using transport = await open(server, application)
  const inbox = new Inbox(patienceMs)
  await transport.consume('shipping', inbox.deliver())
  const client = createClient({ url: server.url })
  await client.connect()
  await client.del(`banyan:{${application}}:topic:orders.paid`)
  await client.close()
  const sent = messages('orders.paid', 10)
  const publish = async (): Promise<void> => transport.publish(sent)
  // the consumer may have made them again before the publisher came
  await publish().catch((error: unknown) => {
    assert.ok(messagesTransportUnavailable.is(error))
    return publish()
  })
  await inbox.holds(sent)
})

test('a server that does not answer is reported in time', redis, async () => {
  await using server = await TestRedis.start()
  await using transport = await open(server, 'a')
  process.kill(server.pid, 'SIGSTOP')
  const startedMs = clock.monotonicMs()
  try {
    await assert.rejects(transport.publish(messages('orders.paid', 1)), (error: unknown) => {
      return messagesTransportUnavailable.is(error)
    })
    assert.ok(clock.monotonicMs() - startedMs < 7_000)
  } finally {
    process.kill(server.pid, 'SIGCONT')
  }
  const sent = messages('orders.paid', 5)
  await transport.publish(sent)
})

test('who was not declared is refused, and so is everything after the end', redis, async () => {
  const server = await running()
  const transport = await open(server, server.nextApplication())
  const consuming = transport.consume('audit', async () => {})
  await assert.rejects(consuming, (error) => messagesTransportIncapable.is(error))
  await transport[Symbol.asyncDispose]()
  const unavailable = (error: unknown): boolean => messagesTransportUnavailable.is(error)
  await assert.rejects(transport.publish(messages('orders.paid', 1)), unavailable)
  await assert.rejects(transport.open(declarationOf('a')), unavailable)
})

test('what a process held when it was killed goes to another one, in order', redis, async () => {
  const server = await running()
  const application = server.nextApplication()
  await using transport = await open(server, application, { leaseMs: 1_000 })
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

test('a process that was stopped and goes on late breaks no order', redis, async () => {
  const server = await running()
  const application = server.nextApplication()
  await using transport = await open(server, application, { leaseMs: 1_000 })
  const taken: string[] = []
  await using stopped = new ConsumerProcess([server.url, application, 'commit'], taken)
  const sent = messages('orders.paid', 120)
  const inbox = new Inbox(patienceMs, (batch) => void taken.push(...batch.map(({ id }) => id)))
  const arrived = (count: number): Promise<void> =>
    inbox.waits(
      () => `${taken.length} instead of ${count} arrived`,
      () => new Set(taken).size >= count,
    )
  await transport.publish(sent.slice(0, 20))
  await arrived(20)
  stopped.child.kill('SIGSTOP')
  await transport.publish(sent.slice(20, 80))
  await transport.consume('shipping', inbox.deliver())
  await arrived(80)
  stopped.child.kill('SIGCONT')
  for (const batch of [sent.slice(80, 100), sent.slice(100)]) await transport.publish(batch)
  await arrived(120)
  assert.deepEqual(
    [...new Set(taken)],
    sent.map(({ id }) => id),
  )
})

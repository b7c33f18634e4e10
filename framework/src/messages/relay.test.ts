import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDirectTransport } from './direct-transport.ts'
import { messagesTransportIncapable, messagesTransportUnavailable } from './errors.ts'
import type { CarriedMessage } from './message.ts'
import type { Transport } from './port.ts'
import { openYard, pause, rowsOf, tell, until } from './yard.fixture.ts'

/** Keeps what is published, for as long as it is told to. */
function recordingTransport(published: string[][], hold: () => Promise<unknown>): Transport {
  return {
    ...createDirectTransport([], () => {}),
    async publish(batch: readonly CarriedMessage[]) {
      published.push(batch.map(({ payload }) => payload))
      await hold()
    },
  }
}

const numbers = async (app: Awaited<ReturnType<typeof openYard>>): Promise<unknown[]> =>
  (await rowsOf(app, 'select number from hall.heard order by position')).map((row) => row['number'])

const waiting = async (app: Awaited<ReturnType<typeof openYard>>): Promise<number> =>
  (await rowsOf(app, 'select from yard.banyan_outbox')).length

test('while one instance relays no other does; what comes meanwhile goes afterwards, in order', async () => {
  const gate = Promise.withResolvers<void>()
  const published: Record<'first' | 'second', string[][]> = { first: [], second: [] }
  const open = (name: 'first' | 'second', database?: string) =>
    openYard(
      {},
      {
        transport: () => recordingTransport(published[name], () => gate.promise),
        ...(database === undefined ? {} : { database }),
      },
    )
  await using first = await open('first')
  await using second = await open('second', first.server.database)
  await tell(first, { thing: 'x', number: 1 })
  await until(() => published.first.length + published.second.length === 1)
  const idle = published.first.length === 0 ? published.first : published.second
  await tell(first, { thing: 'x', number: 2 })
  await tell(second, { thing: 'x', number: 3 })
  await pause(400)
  const heard = idle.length
  // also where the test fails, so that nothing waits for ever
  gate.resolve()
  assert.equal(heard, 0)
  await until(async () => (await waiting(first)) === 0)
  const busy = idle === published.first ? published.second : published.first
  const all = [...busy, ...idle].flat()
  assert.deepEqual(
    all.map((payload) => (JSON.parse(payload) as { number: number }).number),
    [1, 2, 3],
  )
})

test('when the one that relays is gone, another one takes over after its lease', async () => {
  const published: string[][] = []
  const dead = new Promise<never>(() => {})
  const options = { transport: () => recordingTransport([], () => dead) }
  await using first = await openYard({}, { ...options, messageLimits: { pollMs: 100 } })
  await tell(first, { thing: 'x', number: 1 })
  await until(async () => {
    return (
      (await rowsOf(first, 'select from yard.banyan_lease where expires_at > now()')).length === 1
    )
  })
  // its process stops without a word: nobody extends the lease
  await using second = await openYard(
    {},
    {
      transport: () => recordingTransport(published, async () => {}),
      database: first.server.database,
    },
  )
  const startMs = performance.now()
  await tell(second, { thing: 'x', number: 2 })
  await until(() => published.flat().length === 2)
  assert.ok(performance.now() - startMs < 9_000)
  await until(async () => (await waiting(second)) === 0)
})

test('a relay that fails before or after it published hands everything over once in effect', async () => {
  for (const point of ['before', 'after']) {
    await using app = await openYard()
    app.world.faults.arm(`messages.relay.publish.${point}`, 'fail', 2)
    for (let number = 0; number < 5; number++) await tell(app, { thing: 'x', number })
    await app.messagesSettled()
    assert.deepEqual(await numbers(app), [0, 1, 2, 3, 4], point)
  }
})

test('without its inbox a module hears twice what a relay says twice: the control of the test above', async () => {
  await using app = await openYard({}, { messageSafety: { inbox: false } })
  app.world.faults.arm('messages.relay.publish.after', 'fail', 1)
  await tell(app, { thing: 'x', number: 1 })
  await until(async () => (await numbers(app)).length === 2)
})

test('a broker that is down when an instance starts delays its events, and not the instance', async () => {
  const published: string[][] = []
  let tries = 0
  const transport = (): Transport => ({
    ...recordingTransport(published, async () => {}),
    async open() {
      if (++tries < 3) throw messagesTransportUnavailable({ engine: 'test', reason: 'it is down' })
    },
  })
  await using app = await openYard({}, { transport })
  await app.operator.call('yard.ask', { asks: [{ job: 'plain', what: 'a' }] })
  await until(async () => (await rowsOf(app, 'select from yard.effect')).length === 1)
  await tell(app, { thing: 'x', number: 1 })
  assert.deepEqual(published, [])
  await until(() => published.length === 1)
  assert.equal(tries, 3)
})

test('one that cannot keep a promise is refused at once', async () => {
  const transport = (): Transport => ({
    ...recordingTransport([], async () => {}),
    async open() {
      throw messagesTransportIncapable({ engine: 'test', promise: 'nothing is lost' })
    },
  })
  await assert.rejects(openYard({}, { transport }), { code: 'MESSAGES_TRANSPORT_INCAPABLE' })
})

test('an idle relay writes nothing', async () => {
  await using app = await openYard({}, { messageLimits: { pollMs: 20 } })
  await pause(300)
  assert.deepEqual(await rowsOf(app, 'select from yard.banyan_lease'), [])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSeededRandom, FakeClock } from '../kernel/index.ts'
import { ChannelListener } from './channel-listener.ts'
import { type Fixture, TestServer } from './data.fixture.ts'
import type { Connection, DatabaseServer } from './port.ts'

const postgres = await TestServer.start()

async function until(isTrue: () => boolean): Promise<void> {
  const endMs = performance.now() + 5_000
  while (!isTrue()) {
    if (performance.now() > endMs) throw new Error('it did not become true')
    await new Promise<void>((resolve) => void setTimeout(resolve, 5))
  }
}

/** Listens, and notes down all that it is told. */
function listenTo(fixture: Fixture) {
  const heard: string[] = []
  const changes: boolean[] = []
  const listening = fixture.database.listen('news', {
    heard: (payload) => void heard.push(payload),
    changed: (isAlive) => void changes.push(isAlive),
  })
  return { heard, changes, listening }
}

test('what others notify is heard, in order, and by nobody after the end', async () => {
  await using fixture = await postgres.open()
  const { heard, changes, listening } = listenTo(fixture)
  await until(() => listening.isAlive)
  for (const news of ['a', 'b', 'c']) await fixture.asOwner(`notify news, '${news}'`)
  await until(() => heard.length === 3)
  listening.close()
  await fixture.asOwner("notify news, 'd'")
  assert.deepEqual(heard, ['a', 'b', 'c'])
  assert.deepEqual(changes, [true, false])
})

test('a listener whose connection is cut says so, comes back, and hears again', async () => {
  await using fixture = await postgres.open()
  const { heard, changes, listening } = listenTo(fixture)
  await until(() => listening.isAlive)
  await fixture.asOwner(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and query ilike 'notify%' and pid <> pg_backend_pid()`,
  )
  await until(() => changes.length === 3)
  await fixture.asOwner("notify news, 'again'")
  await until(() => heard.length === 1)
  assert.deepEqual(changes, [true, false, true])
})

test('a database that is closed ends its listeners', async () => {
  const fixture = await postgres.open()
  const { listening } = listenTo(fixture)
  await until(() => listening.isAlive)
  await fixture[Symbol.asyncDispose]()
  assert.equal(listening.isAlive, false)
})

test('behind a pooler that hands sessions around nobody believes to hear', async () => {
  const clock = new FakeClock()
  let opened = 0
  const deaf = {
    async connect(): Promise<Connection> {
      opened++
      return { send() {}, onLost() {}, onNotification() {}, destroy() {} } as never
    },
  } as Partial<DatabaseServer> as DatabaseServer
  const changes: boolean[] = []
  const listener = new ChannelListener({
    ...{ server: deaf, clock, random: createSeededRandom(1), channel: 'news', probe: 'news_1' },
    listener: { heard: () => {}, changed: (isAlive) => void changes.push(isAlive) },
    closed: () => {},
  })
  listener.start()
  for (let second = 0; second < 600; second++) await clock.advance(1_000)
  assert.equal(listener.isAlive, false)
  assert.deepEqual(changes, [])
  assert.ok(opened > 5 && opened < 40, `it tried ${opened} times in ten minutes`)
  listener.close()
})

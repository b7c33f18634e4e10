import assert from 'node:assert/strict'
import { test } from 'node:test'
import { application } from '../../module/index.ts'
import { type TestApplication, testApplication, TestServer } from '../../testing/index.ts'
import { booksModule, send } from './schedules.fixture.ts'

const migrations = new URL('../fixture-sql/shelf/', import.meta.url)

/** An application whose nights and minutes are told to `told`. */
function library(told: string[]) {
  const table = {
    nightly: { expression: '0 3 * * *' },
    minutely: { expression: '* * * * *', missed: 'all' },
  } as const
  return application('library', {
    modules: [booksModule(table, migrations, ({ cron }) => void told.push(cron))],
  })
}

async function ask(app: TestApplication, text: string): Promise<Record<string, unknown>[]> {
  const connection = await app.server.connect()
  try {
    return await send(connection, text)
  } finally {
    await connection.close()
  }
}

test('a cron schedule can be run apart from its ticks, and its job is worked on', async () => {
  const told: string[] = []
  await using app = await testApplication(library(told), { messages: true })
  await app.runSchedule('books.crons.nightly')
  await app.messagesSettled()
  assert.deepEqual(told, ['nightly'])
  assert.deepEqual(await ask(app, 'select schedule from books.banyan_tick'), [])
  await assert.rejects(app.runSchedule('books.crons.daily'), /no schedule books\.crons\.daily/)
})

test('instances that run schedules fire what was missed while none was up', async () => {
  const shared = await TestServer.acquire()
  const told: string[] = []
  const options = { runner: 'inline', messages: true, schedules: true } as const
  await using first = await testApplication(library(told), options)
  const { database } = first.server
  for (let tries = 0; tries < 500; tries++) {
    if ((await ask(first, 'select from books.banyan_schedule')).length === 2) break
    await new Promise((resolve) => void setTimeout(resolve, 10))
  }
  await first.instance.stop()
  await ask(
    first,
    `update books.banyan_schedule set decided_until = decided_until - interval '3 minutes'
     where schedule = 'minutely'`,
  )
  await using second = await testApplication(library(told), { ...options, database })
  for (let tries = 0; tries < 500 && told.length < 3; tries++) {
    await new Promise((resolve) => void setTimeout(resolve, 10))
  }
  await second.instance.stop()
  const minutes = told.filter((name) => name === 'minutely')
  // One more where the minute ended meanwhile.
  assert.ok(minutes.length === 3 || minutes.length === 4, `${minutes.length} fired`)
  await shared.release()
})

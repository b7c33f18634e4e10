import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestApplication } from '../testing/index.ts'
import { ask, openYard, pause, rowsOf, tell, until } from './yard.fixture.ts'

/** One instance that only asks and tells, one that does the work and looks by itself every 20 s. */
async function openApart(run: (job: string, what: string) => Promise<unknown>) {
  const asking = await openYard({}, { messages: false })
  const working = await openYard(
    { run },
    { database: asking.server.database, messageLimits: { pollMs: 4_000 } },
  )
  await until(async () => (await listeners(asking)).length === 1)
  await pause(50)
  return {
    asking,
    working,
    async [Symbol.asyncDispose]() {
      await working[Symbol.asyncDispose]()
      await asking[Symbol.asyncDispose]()
    },
  }
}

const listeners = (app: TestApplication) =>
  rowsOf(
    app,
    `select pid from pg_stat_activity
     where datname = current_database() and query like 'notify "banyan_messages%'`,
  )

const middle = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

test('what one instance asks for begins in another at once, though that one looks rarely', async (t) => {
  const begun = new Map<string, number>()
  await using apart = await openApart(async (_, what) => void begun.set(what, performance.now()))
  const waits: number[] = []
  for (let index = 0; index < 30; index++) {
    await ask(apart.asking, { job: 'plain', what: `${index}` })
    const committedMs = performance.now()
    await until(() => begun.has(`${index}`))
    waits.push((begun.get(`${index}`) ?? 0) - committedMs)
  }
  t.diagnostic(`commit to start: p50 ${middle(waits).toFixed(1)} ms`)
  assert.ok(middle(waits) < 200, `p50 ${middle(waits)} ms`)
})

test('a delayed job of another instance begins when it is due, though nobody looks then by himself', async () => {
  const begun: number[] = []
  await using apart = await openApart(async () => void begun.push(performance.now()))
  const startMs = performance.now()
  await ask(apart.asking, { job: 'plain', what: 'late', delayMs: 600 })
  await until(() => begun.length === 1)
  const waitedMs = (begun[0] ?? 0) - startMs
  assert.ok(waitedMs >= 600 && waitedMs < 2_500, `it began after ${waitedMs} ms`)
})

test('what nobody announces waits until somebody looks: the control of the tests above', async () => {
  const begun: string[] = []
  await using apart = await openApart(async (_, what) => void begun.push(what))
  // it has looked once more since it began to hear
  await pause(1_000)
  await rowsOf(
    apart.asking,
    `insert into yard.banyan_message (id, queue, version, payload, headers)
     values (gen_random_uuid(), 'jobs.plain', 1, '{"what":"silent"}', '{}')`,
  )
  await pause(700)
  assert.deepEqual(begun, [])
})

test('an event that one instance publishes is relayed and heard by another one', async () => {
  await using apart = await openApart(async () => {})
  const startMs = performance.now()
  await tell(apart.asking, { thing: 'x', number: 1 })
  await until(async () => (await rowsOf(apart.asking, 'select from hall.heard')).length === 1)
  assert.ok(performance.now() - startMs < 3_000)
})

test('while nobody can be heard it is looked more often, and a listener that comes back is woken', async () => {
  const begun: string[] = []
  await using apart = await openApart(async (_, what) => void begun.push(what))
  const cut = (await listeners(apart.asking)).map(
    (row) => `pg_terminate_backend(${String(row['pid'])})`,
  )
  await rowsOf(
    apart.asking,
    `insert into yard.banyan_message (id, queue, version, payload, headers)
     values (gen_random_uuid(), 'jobs.plain', 1, '{"what":"silent"}', '{}');
     select ${cut.join(', ')}`,
  )
  await until(() => begun.length === 1, 5_000)
})

test('announcements of many at once are few', async () => {
  await using apart = await openApart(async () => {})
  let heard = 0
  const listening = apart.asking.instance.database?.listen('banyan_messages', {
    heard: () => void heard++,
    changed: () => {},
  })
  await until(() => listening?.isAlive === true)
  const asks = Array.from({ length: 400 }, (_, index) => {
    return ask(apart.asking, { job: 'plain', what: `${index}` })
  })
  await Promise.all(asks)
  await apart.working.messagesSettled()
  assert.ok(heard > 0 && heard < 200, `${heard} notifications for 400 transactions`)
})

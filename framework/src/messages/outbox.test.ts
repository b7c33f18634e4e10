import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, effectsOf, openYard, rowsOf, statesOf, tell, until } from './yard.fixture.ts'

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'fulfilled',
    (error: { code: string }) => error.code,
  )

test('a transaction that is rolled back has said nothing', async () => {
  await using app = await openYard()
  const things = [{ thing: 'x', number: 1 }]
  await assert.rejects(app.operator.call('yard.tell', { things, fails: true }))
  await app.messagesSettled()
  assert.deepEqual(await rowsOf(app, 'select from yard.banyan_outbox'), [])
  assert.deepEqual(await rowsOf(app, 'select from hall.heard'), [])
  assert.deepEqual(await rowsOf(app, 'select from hall.banyan_inbox'), [])
})

test('a command that is repeated under its key publishes and enqueues once', async () => {
  await using app = await openYard()
  const how = { idempotencyKey: 'the same one, twenty characters' }
  for (let time = 0; time < 3; time++) {
    await app.operator.call('yard.tell', { things: [{ thing: 'x', number: 1 }] }, how)
    const asks = [{ job: 'plain', what: 'a' }]
    await app.operator.call('yard.ask', { asks }, how)
    await app.operator.call(
      'yard.ask',
      { asks, apart: true },
      { idempotencyKey: 'another one, twenty characters' },
    )
  }
  await app.messagesSettled()
  assert.equal((await rowsOf(app, 'select from hall.heard')).length, 1)
  assert.deepEqual(await effectsOf(app), ['plain a', 'plain a'])
})

test('without a key each repetition says it again: the control of the test above', async () => {
  await using app = await openYard()
  for (let time = 0; time < 3; time++) await tell(app, { thing: 'x', number: 1 })
  await app.messagesSettled()
  assert.equal((await rowsOf(app, 'select from hall.heard')).length, 3)
})

test('what cannot be said is refused, by code, and nothing is written', async () => {
  await using app = await openYard()
  const refused = {
    foreign: 'MESSAGES_EVENT_FOREIGN',
    large: 'MESSAGES_PAYLOAD_TOO_LARGE',
    invalid: 'MESSAGES_PAYLOAD_INVALID',
    'invalid event': 'MESSAGES_PAYLOAD_INVALID',
    'long key': 'MESSAGES_KEY_INVALID',
    'zero key': 'MESSAGES_KEY_INVALID',
    'long unique': 'MESSAGES_KEY_INVALID',
    delay: 'MESSAGES_DELAY_INVALID',
    many: 'MESSAGES_TRANSACTION_FULL',
  }
  for (const [how, code] of Object.entries(refused)) {
    assert.equal(await codeOf(app.operator.call('yard.misuse', { how })), code, how)
  }
  assert.equal(await codeOf(ask(app, { job: 'unknown', what: '' })), 'MESSAGES_JOB_UNKNOWN')
  const left = await rowsOf(
    app,
    'select id from yard.banyan_outbox union select id from yard.banyan_message',
  )
  assert.deepEqual(left, [])
})

const insert = (columns: string, values: string): string =>
  `insert into yard.banyan_message (id, version, headers, ${columns})
   values (gen_random_uuid(), 1, '{}', ${values}); select pg_notify('banyan_messages', 'other yard')`

test('a payload that the code cannot read is parked at once, and tells why', async () => {
  await using app = await openYard()
  await rowsOf(app, insert('queue, payload', `'jobs.plain', '{"what":7}'`))
  await rowsOf(app, insert('queue, payload', `'jobs.plain', 'no json'`))
  await until(async () => {
    return (await rowsOf(app, 'select from yard.banyan_message where state = 5')).length === 2
  })
  const rows = await rowsOf(
    app,
    'select attempts, problem from yard.banyan_message order by position',
  )
  assert.deepEqual(
    rows.map((row) => row['attempts']),
    [1, 1],
  )
  assert.match(String(rows[0]?.['problem']), /MESSAGES_PAYLOAD_UNREADABLE.*what/)
  assert.match(String(rows[1]?.['problem']), /MESSAGES_PAYLOAD_UNREADABLE.*not JSON/)
})

test('a message of a queue that this code does not know waits for code that does', async () => {
  await using app = await openYard()
  await rowsOf(app, insert('queue, payload', `'jobs.future', '{"what":"x"}'`))
  await until(async () => (await statesOf(app))['x'] === 1)
  await ask(app, { job: 'plain', what: 'a' })
  await app.messagesSettled()
  const [row] = await rowsOf(
    app,
    'select attempts, due_at > now() as waits from yard.banyan_message',
  )
  assert.deepEqual({ ...row }, { attempts: 0, waits: true })
})

test('jobs that many callers enqueue at once are all there, each once', async () => {
  const done = new Set<string>()
  let runs = 0
  const deeds = {
    async run(_: string, what: string) {
      runs++
      done.add(what)
    },
  }
  await using app = await openYard(deeds)
  const calls = Array.from({ length: 40 }, (_, call) => {
    const asks = Array.from({ length: 25 }, (__, index) => ({
      job: 'plain',
      what: `${call}.${index}`,
    }))
    return app.operator.call('yard.ask', { asks, apart: true })
  })
  await Promise.all(calls)
  await app.messagesSettled()
  assert.deepEqual([done.size, runs], [1_000, 1_000])
})

test('a batch is run as a list; when it fails, each by itself, and only what is to blame is parked', async () => {
  const lists: number[] = []
  const done: string[] = []
  const deeds = {
    async many(whats: readonly string[]) {
      lists.push(whats.length)
      if (whats.includes('bad')) throw new Error('one of them is bad')
      done.push(...whats)
    },
  }
  await using app = await openYard(deeds)
  const good = Array.from({ length: 60 }, (_, index) => ({ job: 'many', what: `${index}` }))
  await ask(app, ...good)
  await app.messagesSettled()
  assert.ok(lists.length <= 3 && Math.max(...lists) > 20, `lists of ${lists.join(', ')}`)
  await ask(app, ...good.slice(0, 10), { job: 'many', what: 'bad' })
  await until(async () => (await statesOf(app))['bad'] === 5)
  await app.messagesSettled()
  assert.equal(done.length, 70)
  assert.deepEqual(await statesOf(app), { bad: 5 })
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestApplication } from '../testing/index.ts'
import {
  type Asked,
  ask,
  openYard,
  pause,
  rowsOf,
  statesOf,
  until,
  wakeAll,
} from './yard.fixture.ts'

/** Two instances on one database; what runs in either is counted together. */
async function openTwo(run: (job: string, what: string) => Promise<unknown>) {
  const first = await openYard({ by: 'first', run })
  const second = await openYard({ by: 'second', run }, { database: first.server.database })
  return {
    app: first,
    async [Symbol.asyncDispose]() {
      await second[Symbol.asyncDispose]()
      await first[Symbol.asyncDispose]()
    },
  }
}

async function said(app: TestApplication, text: string): Promise<void> {
  await rowsOf(app, `${text}; ${wakeAll}`)
}

const some = (job: string, count: number): Asked[] =>
  Array.from({ length: count }, (_, index) => ({ job, what: `${index}` }))

test('at most as many run at once as was declared, in two instances together, and as an operator says then', async () => {
  let [running, most, done] = [0, 0, 0]
  await using two = await openTwo(async () => {
    most = Math.max(most, ++running)
    await pause(15)
    running--
    done++
  })
  await ask(two.app, ...some('narrow', 20))
  await until(() => done === 20)
  assert.equal(most, 2)
  await said(
    two.app,
    "insert into yard.banyan_queue (queue, concurrency_max) values ('jobs.narrow', 5)",
  )
  await pause(200)
  await ask(two.app, ...some('narrow', 60))
  await until(() => done === 80)
  assert.ok(most > 2 && most <= 5, `${most} ran at once`)
})

test('without a limit many run at once: the control of the test above', async () => {
  let [running, most] = [0, 0]
  await using two = await openTwo(async () => {
    most = Math.max(most, ++running)
    await pause(15)
    running--
  })
  await ask(two.app, ...some('plain', 20))
  await two.app.messagesSettled()
  assert.ok(most > 2, `${most} ran at once`)
})

test('a rate holds in two instances together: as many at once as its count, then one after the other', async () => {
  const begun: number[] = []
  await using two = await openTwo(async () => void begun.push(performance.now()))
  await ask(two.app, ...some('rated', 15))
  await until(() => begun.length === 15)
  const [first = 0] = begun
  const ms = begun.map((at) => at - first)
  // 5 in 500 ms: five at once, then one each 100 ms
  assert.ok((ms[14] ?? 0) >= 900, `15 began within ${ms[14]} ms`)
  assert.ok((ms[14] ?? 0) < 3_000, `15 took ${ms[14]} ms`)
  for (let index = 5; index < 15; index++) {
    const within = (ms[index] ?? 0) - (ms[index - 5] ?? 0)
    assert.ok(index < 10 || within >= 350, `5 began within ${within} ms`)
  }
})

test('a paused queue is let be until it is resumed; others go on', async () => {
  const done: string[] = []
  await using two = await openTwo(async (job, what) => void done.push(`${job} ${what}`))
  await said(
    two.app,
    "insert into yard.banyan_queue (queue, is_paused) values ('jobs.plain', true)",
  )
  await pause(300)
  await ask(two.app, { job: 'plain', what: 'a' }, { job: 'many', what: 'b' })
  await ask(two.app, { job: 'unique', what: 'c' }, { job: 'narrow', what: 'd' })
  await until(() => done.length === 2)
  await pause(100)
  assert.deepEqual([...done].sort(), ['narrow d', 'unique c'])
  await said(two.app, 'update yard.banyan_queue set is_paused = false')
  await until(() => done.length === 3)
  assert.equal(done[2], 'plain a')
})

test('a message that died in a queue with limits runs again, and is parked when it always dies', async () => {
  let runs = 0
  await using two = await openTwo(async () => void runs++)
  await said(
    two.app,
    "insert into yard.banyan_queue (queue, is_paused) values ('jobs.narrow', true)",
  )
  await pause(300)
  await ask(two.app, { job: 'narrow', what: 'once' }, { job: 'narrow', what: 'always' })
  // as if processes had died with them
  const died = `set state = 2, leased_until = clock_timestamp() - interval '1 second'`
  await rowsOf(
    two.app,
    `update yard.banyan_message ${died}, deaths = 1 where payload like '%once%';
     update yard.banyan_message ${died}, deaths = 4 where payload like '%always%'`,
  )
  await said(two.app, 'update yard.banyan_queue set is_paused = false')
  await until(() => runs === 1)
  await two.app.messagesSettled()
  assert.deepEqual(await statesOf(two.app), { always: 5 })
  const [row] = await rowsOf(two.app, 'select problem from yard.banyan_message')
  assert.match(String(row?.['problem']), /MESSAGES_PROCESS_DIED/)
})

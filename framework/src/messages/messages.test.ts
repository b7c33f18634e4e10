import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testApplication } from '../testing/index.ts'
import { library } from './messages.fixture.ts'

test('an event is heard by who subscribed, once, in order per key', async () => {
  await using app = await testApplication(library(), { messages: true })
  for (let index = 0; index < 30; index++) {
    await app.operator.call('shelf.put', { title: `t${index % 3}` })
  }
  await app.messagesSettled()
  const rows = await query(app, 'select title, number from reader.read order by position')
  assert.equal(rows.length, 30)
  for (const title of ['t0', 't1', 't2']) {
    const numbers = rows.filter((row) => row['title'] === title).map((row) => Number(row['number']))
    assert.deepEqual(
      numbers,
      [...numbers].sort((a, b) => a - b),
    )
  }
})

test('a job that fails runs again, and is parked with its cause after its attempts', async () => {
  const runs: string[] = []
  const deeds = {
    async note({ what }: { what: string }, attempt: number) {
      runs.push(`${what}:${attempt}`)
      if (what === 'bad0') throw new Error('it cannot be')
      if (what === 'late0' && attempt < 3) throw new Error('not yet')
    },
  }
  await using app = await testApplication(library(deeds), { messages: true })
  for (const what of ['good', 'late', 'bad']) await app.operator.call('shelf.ask', { what })
  await until(async () => runs.length === 7)
  await app.messagesSettled()
  const rows = await query(app, 'select state, attempts, problem from shelf.banyan_message')
  assert.deepEqual(
    rows.map(({ state, attempts }) => ({ state, attempts })),
    [{ state: 5, attempts: 3 }],
  )
  assert.match(String(rows[0]?.['problem']), /it cannot be/)
})

test('jobs that are carried go through the outbox, and keep their delays and their ids', async () => {
  const runs: string[] = []
  const deeds = {
    async note({ what }: { what: string }) {
      runs.push(what)
    },
  }
  const application = library(deeds)
  await using app = await testApplication(application, { carriesJobs: true })
  const { ids } = (await app.operator.call('shelf.ask', { what: 'now', count: 3 })) as {
    ids: string[]
  }
  await app.operator.call('shelf.ask', { what: 'later', delayMs: 400 })
  const carried = await query(app, 'select id, name from shelf.banyan_outbox order by position')
  assert.deepEqual(
    carried.slice(0, 3).map(({ id, name }) => [id, name]),
    ids.map((id) => [id, 'shelf.jobs.note']),
  )
  assert.deepEqual(await query(app, 'select from shelf.banyan_message'), [])
  await using _worker = await testApplication(application, {
    ...{ carriesJobs: true, messages: true },
    database: app.server.database,
  })
  await until(async () => runs.length === 3)
  assert.deepEqual(runs.toSorted(), ['now0', 'now1', 'now2'])
  await until(async () => runs.length === 4)
  assert.equal(runs[3], 'later0')
  assert.deepEqual(await query(app, 'select from shelf.banyan_outbox'), [])
})

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + 5_000
  while (!(await isTrue())) {
    if (performance.now() > endMs) throw new Error('it did not become true')
    await new Promise<void>((resolve) => void setTimeout(resolve, 5))
  }
}

async function query(
  app: Awaited<ReturnType<typeof testApplication>>,
  text: string,
): Promise<Record<string, unknown>[]> {
  const connection = await app.server.connect()
  try {
    return await new Promise((resolve, reject) => {
      connection.send({
        ...{ text, name: undefined, isScript: false, values: [] },
        succeed: ({ rows }) => resolve(rows),
        fail: (problem) => reject(new Error(problem.message)),
      })
    })
  } finally {
    await connection.close()
  }
}

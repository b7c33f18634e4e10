import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openYard, rowsOf, until } from './yard.fixture.ts'

const aged = (days: number): string => `now() - interval '${days} days'`

async function fill(app: Awaited<ReturnType<typeof openYard>>): Promise<void> {
  await rowsOf(
    app,
    `insert into yard.banyan_inbox (queue, id, received_at)
       select 'on.x', gen_random_uuid(), case when n <= 2500 then ${aged(8)} else ${aged(6)} end
       from generate_series(1, 2600) as n;
     insert into yard.banyan_message (id, queue, version, payload, headers, state, ended_at)
       select gen_random_uuid(), 'jobs.plain', 1, '{}', '{}', s, ${aged(8)} from unnest(array[5, 6, 7]) as s
       union all
       select gen_random_uuid(), 'jobs.plain', 1, '{}', '{}', s, ${aged(6)} from unnest(array[5, 6, 7]) as s`,
  )
}

async function left(app: Awaited<ReturnType<typeof openYard>>): Promise<unknown> {
  const [heard] = await rowsOf(app, 'select count(*)::int as n from yard.banyan_inbox')
  const ended = await rowsOf(
    app,
    `select state, ended_at < ${aged(7)} as old from yard.banyan_message order by old, state`,
  )
  return [heard?.['n'], ended.map((row) => `${String(row['state'])} ${String(row['old'])}`)]
}

test('what was heard and what ended longer than a week ago is forgotten; what is parked stays', async () => {
  await using idle = await openYard({}, { messages: false })
  await fill(idle)
  await using app = await openYard({}, { database: idle.server.database })
  await until(async () => {
    return JSON.stringify(await left(app)) === '[100,["5 false","6 false","7 false","5 true"]]'
  })
})

test('what is kept for longer stays for longer', async () => {
  await using idle = await openYard({}, { messages: false })
  await fill(idle)
  const limits = { messageLimits: { keptMs: 30 * 86_400_000 } }
  await using app = await openYard({}, { ...limits, database: idle.server.database })
  await app.operator.call('yard.ask', { asks: [{ job: 'plain', what: 'a' }] })
  await until(async () => (await rowsOf(app, 'select from yard.effect')).length === 1)
  const [heard, ended] = (await left(app)) as [number, string[]]
  assert.deepEqual([heard, ended.length], [2_600, 6])
})

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createWorld, Deadlines, FakeClock } from '../../kernel/index.ts'
import { PlatformContexts } from '../platform-context.ts'
import { ScheduleStore } from './schedule-store.ts'
import { Library } from './schedules.fixture.ts'
import { Shelf } from './shelf.fixture.ts'

const shelf = await Shelf.open()
after(() => shelf[Symbol.asyncDispose]())

const nowMs = Date.parse('2026-11-22T00:00Z')

async function fill(): Promise<void> {
  await shelf.ask('truncate books.banyan_tick, books.banyan_schedule')
  await shelf.ask(`insert into books.banyan_schedule values
    ('often', '* * * * * UTC', '2026-11-22Z', '2026-01-01Z', null),
    ('daily', '0 0 * * * UTC', '2026-11-22Z', '2020-01-01Z', null),
    ('daily', '0 1 * * * UTC', '2020-11-22Z', '2020-01-01Z', '2025-01-01Z')`)
  await shelf.ask(`insert into books.banyan_tick (schedule, tick)
    select 'often', '2026-11-22Z'::timestamptz - n * interval '1 minute' from generate_series(0, 1499) n
    union all
    select 'daily', '2026-11-22Z'::timestamptz - n * interval '1 day' from generate_series(0, 499) n`)
}

async function kept(): Promise<Record<string, unknown>[]> {
  return shelf.ask(`select schedule, count(*)::int as count, min(tick) as first
    from books.banyan_tick group by 1 order by 1`)
}

const swept = [
  { schedule: 'daily', count: 401, first: new Date('2025-10-18T00:00:00Z') },
  { schedule: 'often', count: 1_000, first: new Date('2026-11-21T07:21:00Z') },
]

test('the last 1,000 ticks of a schedule are kept, and none for more than 400 days', async () => {
  await using library = await Library.open(shelf.server, shelf.migrations)
  const { world, database } = library
  await fill()
  const contexts = new PlatformContexts(world, new Deadlines(world.clock))
  const store = new ScheduleStore(database.of('books'), contexts, world)
  const retention = { nowMs, ageMsMax: 400 * 86_400_000, countMax: 1_000 }
  assert.equal(await store.sweep(retention), 599)
  assert.equal(await store.sweep(retention), 0)
  assert.deepEqual(await kept(), swept)
  const timings = await shelf.ask('select timing from books.banyan_schedule order by 1')
  assert.deepEqual(
    timings.map(({ timing }) => timing),
    ['* * * * * UTC', '0 0 * * * UTC'],
  )
})

test('a runner sweeps once an hour', async () => {
  const clock = new FakeClock()
  await using library = await Library.open(shelf.server, shelf.migrations, createWorld({ clock }))
  const runner = library.runner(
    { daily: { expression: '0 0 * * *' }, often: { expression: '* * * * *' } },
    { now: async () => nowMs },
  )
  await runner.checkNow()
  await clock.advance(3_600_000)
  await fill()
  await runner.checkNow()
  assert.deepEqual(await kept(), swept)
  await fill()
  await runner.checkNow()
  assert.equal((await kept())[1]?.['count'], 1_500)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSeededRandom } from '../../kernel/index.ts'
import { walkTicks } from '../../module/cron-timing.fixture.ts'
import { Library, momentIn } from './schedules.fixture.ts'
import { Shelf } from './shelf.fixture.ts'
import { draw, SimulatedFleet, simulatedTable } from './simulated-fleet.fixture.ts'

const minuteMs = 60_000
/** Ten days in which the clocks of Berlin and of New York go back. */
const beginMs = Date.parse('2026-10-23T00:00Z')
const endMs = Date.parse('2026-11-02T00:00Z')

/** Found by walking over the calendar, without the library that the schedules are computed with. */
function expectedTicks(): Record<string, readonly string[]> {
  const span = { fromMs: beginMs, toMs: endMs }
  const walked = {
    often: walkTicks({ ...span, timeZone: 'UTC' }, (minute) => minute % 10 === 0, 'elapsed'),
    hourly: walkTicks({ ...span, timeZone: 'Europe/Berlin' }, (m) => m % 60 === 0, 'elapsed'),
    nightlyBerlin: walkTicks({ ...span, timeZone: 'Europe/Berlin' }, (m) => m === 150, 'said'),
    nightlyNewYork: walkTicks({ ...span, timeZone: 'America/New_York' }, (m) => m === 90, 'said'),
  }
  const texts = Object.entries(walked).map(([name, ticks]) => {
    return [name, ticks.map((ms) => new Date(ms).toISOString())] as const
  })
  return Object.fromEntries(texts)
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => void setTimeout(resolve, ms))
}

async function setTime(shelf: Shelf, ms: number): Promise<void> {
  await shelf.ask('update simulated_time set at = $1', [new Date(ms)])
}

async function openTime(shelf: Shelf): Promise<void> {
  await shelf.ask('create table simulated_time (at timestamptz not null)')
  await shelf.ask('insert into simulated_time values ($1)', [new Date(beginMs)])
}

/** How far the last schedule is decided. */
async function decidedMs(shelf: Shelf): Promise<number> {
  const rows = await shelf.ask('select min(decided_until) as at from books.banyan_schedule')
  return momentIn(rows, 'at').getTime()
}

test('three processes under kills for ten simulated days fire each tick exactly once', async (t) => {
  const seed = Number(process.env['TEST_SEED'] ?? '0')
  const random = createSeededRandom(seed)
  t.diagnostic(`TEST_SEED=${seed}`)
  await using shelf = await Shelf.open()
  await openTime(shelf)
  {
    await using library = await Library.open(shelf.server, shelf.migrations)
    await library.runner(simulatedTable, { now: async () => beginMs }).checkNow()
  }
  await using fleet = new SimulatedFleet(shelf, seed)
  for (let ms = beginMs; ms <= endMs; ms += 10 * minuteMs) {
    await setTime(shelf, ms)
    await pause(2)
    // A schedule that fires each night is a day behind.
    const isMidnight = ms % (1_440 * minuteMs) === 0
    while (isMidnight && ms - (await decidedMs(shelf)) > 3 * 1_440 * minuteMs) await pause(20)
    if (draw(random, 80) === 0) fleet.kill()
  }
  const expected = expectedTicks()
  const count = Object.values(expected).reduce((sum, { length }) => sum + length, 0)
  for (let tries = 0; tries < 500; tries++) {
    const [row] = await shelf.ask('select count(*)::int as count from books.banyan_message')
    if (Number(row?.['count']) >= count) break
    await pause(20)
  }
  await pause(100)
  await fleet[Symbol.asyncDispose]()
  const [fired] = await shelf.ask(
    'select count(distinct fired_at)::int as count from books.banyan_tick',
  )
  const transactions = Number(fired?.['count'])
  t.diagnostic(`${count} ticks in ${transactions} transactions; ${JSON.stringify(fleet.deaths)}`)
  for (const [name, ticks] of Object.entries(expected)) {
    assert.deepEqual(await shelf.told(name), ticks, name)
  }
  assert.ok(fleet.deaths.killed >= 5, 'too few were killed')
  assert.ok(fleet.deaths.fell >= 3, 'too few died at their points')
  assert.ok(transactions >= 40, 'too few fired one by one')
})

/** Half a day of `often` by two processes that always look at the same time. @returns how often each tick
 *  was fired */
async function countsWithout(guards: readonly string[]): Promise<readonly number[]> {
  await using shelf = await Shelf.open()
  await using library = await Library.open(shelf.server, shelf.migrations)
  await using other = await Library.open(shelf.server, shelf.migrations)
  let ms = beginMs
  const { often } = simulatedTable
  assert.ok(often)
  const runners = [library, other].map((one) => one.runner({ often }, { now: async () => ms }))
  await Promise.all(runners.map((runner) => runner.checkNow()))
  for (const guard of guards) await shelf.ask(guard)
  for (let step = 1; step <= 72; step++) {
    ms = beginMs + step * 10 * minuteMs
    await Promise.all(runners.map((runner) => runner.checkNow()))
  }
  const counts = new Map<string, number>()
  for (const at of await shelf.told('often')) counts.set(at, (counts.get(at) ?? 0) + 1)
  assert.equal(counts.size, 72)
  return [...counts.values()]
}

const looseSchedule = [
  `create function books.keep() returns trigger language plpgsql as 'begin return old; end'`,
  `create trigger keep before update on books.banyan_schedule
   for each row execute function books.keep()`,
]
const looseTick = 'alter table books.banyan_tick drop constraint banyan_tick_pkey'

test('either the row of a schedule or the rows of ticks is enough; without both, doubles appear', async () => {
  assert.ok((await countsWithout(looseSchedule)).every((count) => count === 1))
  assert.ok((await countsWithout([looseTick])).every((count) => count === 1))
  assert.ok((await countsWithout([...looseSchedule, looseTick])).some((count) => count > 1))
})

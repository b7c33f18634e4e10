import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createWorld, FakeClock, Faults } from '../../kernel/index.ts'
import { type CronTable, Library, momentIn } from './schedules.fixture.ts'
import { Shelf } from './shelf.fixture.ts'

/** One server for the whole file. */
const held = await Shelf.open()
after(() => held[Symbol.asyncDispose]())

/** A shelf, a view of it, and a time that the test moves. */
async function open(world = createWorld()) {
  const shelf = await Shelf.open()
  const library = await Library.open(shelf.server, shelf.migrations, world)
  const time = { ms: Date.parse('2026-11-22T02:00Z') }
  const now = async (): Promise<number> => time.ms
  return {
    ...{ shelf, library, now },
    runner: (table: CronTable) => library.runner(table, { now }),
    at: (text: string) => void (time.ms = Date.parse(text)),
    async [Symbol.asyncDispose]() {
      await library[Symbol.asyncDispose]()
      await shelf[Symbol.asyncDispose]()
    },
  }
}

const nightly = { nightly: { expression: '0 3 * * *' } } as const

test('a tick adds its job once it has come, and no second time', async () => {
  await using opened = await open()
  const { shelf, at } = opened
  const runner = opened.runner({ nightly: { expression: '30 4 * * *', timeZone: 'Europe/Berlin' } })
  await runner.checkNow()
  at('2026-11-22T03:29:59.999Z')
  await runner.checkNow()
  assert.deepEqual(await shelf.told('nightly'), [])
  at('2026-11-22T03:30:00.000Z')
  await runner.checkNow()
  await runner.checkNow()
  const rows = await shelf.ask(
    'select queue, state, payload::jsonb as told from books.banyan_message',
  )
  assert.deepEqual(rows, [
    {
      ...{ queue: 'jobs.noteTick', state: 0 },
      told: { cron: 'nightly', at: '2026-11-22T03:30:00.000Z', day: '2026-11-22', time: '04:30' },
    },
  ])
})

test('a new schedule fires nothing for the past', async () => {
  await using opened = await open()
  opened.at('2026-11-22T03:00:00.001Z')
  const runner = opened.runner({ nightly: { expression: '0 3 * * *', missed: 'all' } })
  await runner.checkNow()
  await runner.checkNow()
  assert.deepEqual(await opened.shelf.told('nightly'), [])
})

test('what was missed is fired by the policy, and what is passed over is said', async () => {
  await using opened = await open()
  const { shelf, library, at } = opened
  const expression = '0 * * * *'
  const table: CronTable = {
    skip: { expression, missed: 'skip' },
    once: { expression, missed: 'once' },
    all: { expression, missed: 'all', missedMax: 2 },
  }
  await opened.runner(table).checkNow()
  at('2026-11-22T06:30Z')
  // Another process, after all were gone for four hours.
  const next = opened.runner(table)
  await next.checkNow()
  assert.deepEqual(await shelf.told('skip'), [])
  assert.deepEqual(await shelf.told('once'), ['2026-11-22T06:00:00.000Z'])
  const two = ['2026-11-22T05:00:00.000Z', '2026-11-22T06:00:00.000Z']
  assert.deepEqual(await shelf.told('all'), two)
  await library.telemetry.logs.flush()
  const passed = library.lines.filter((line) => line.includes('are passed over'))
  assert.equal(passed.length, 3)
  at('2026-11-22T07:00:30Z')
  await next.checkNow()
  assert.deepEqual(await shelf.told('skip'), ['2026-11-22T07:00:00.000Z'])
  assert.equal((await shelf.told('all')).length, 3)
})

test('a changed expression or time zone begins anew, and so does a return to the old one', async () => {
  await using opened = await open()
  const { shelf, at } = opened
  const old: CronTable = { nightly: { expression: '0 3 * * *', missed: 'all' } }
  await opened.runner(old).checkNow()
  at('2026-11-24T12:00Z')
  const changed: CronTable = { nightly: { expression: '0 11 * * *', missed: 'all' } }
  const next = opened.runner(changed)
  await next.checkNow()
  assert.deepEqual(await shelf.told('nightly'), [])
  at('2026-11-25T11:00Z')
  await next.checkNow()
  assert.deepEqual(await shelf.told('nightly'), ['2026-11-25T11:00:00.000Z'])
  at('2026-11-27T12:00Z')
  const back = opened.runner(old)
  await back.checkNow()
  await back.checkNow()
  assert.equal((await shelf.told('nightly')).length, 1)
  at('2026-11-28T03:00Z')
  await back.checkNow()
  assert.equal((await shelf.told('nightly')).length, 2)
})

test('two releases side by side each fire their own, and what both mean once', async () => {
  await using opened = await open()
  const { shelf, at } = opened
  const old = opened.runner({ report: { expression: '0 3,5 * * *', missed: 'all' } })
  await old.checkNow()
  const next = opened.runner({ report: { expression: '0 3,7 * * *', missed: 'all' } })
  await next.checkNow()
  for (const hour of ['03', '05', '07']) {
    at(`2026-11-22T${hour}:00:00Z`)
    await Promise.all([old.checkNow(), next.checkNow()])
  }
  assert.deepEqual(
    (await shelf.told('report')).map((text) => text.slice(11, 13)),
    ['03', '05', '07'],
  )
})

test('a removed schedule fires no more, and begins anew when it comes back', async () => {
  await using opened = await open()
  const { shelf, at } = opened
  const both: CronTable = {
    nightly: { expression: '0 3 * * *', missed: 'all' },
    hourly: { expression: '0 * * * *', missed: 'all' },
  }
  await opened.runner(both).checkNow()
  const { hourly: _, ...left } = both
  const without = opened.runner(left)
  await without.checkNow()
  at('2026-11-22T05:30Z')
  await without.checkNow()
  assert.deepEqual(await shelf.told('hourly'), [])
  assert.equal((await shelf.told('nightly')).length, 1)
  const again = opened.runner(both)
  await again.checkNow()
  await again.checkNow()
  assert.deepEqual(await shelf.told('hourly'), [])
  at('2026-11-22T06:00Z')
  await again.checkNow()
  assert.deepEqual(await shelf.told('hourly'), ['2026-11-22T06:00:00.000Z'])
})

test('a process that dies between the tick and its job leaves neither', async () => {
  const faults = new Faults()
  await using opened = await open(createWorld({ faults }))
  const { shelf, at } = opened
  const runner = opened.runner(nightly)
  await runner.checkNow()
  at('2026-11-22T03:00Z')
  for (const point of ['messages.cron.decided', 'data.commit.before']) {
    faults.arm(point, 'fail')
    await assert.rejects(runner.checkNow(), { code: 'KERNEL_FAULT_INJECTED' })
    assert.deepEqual(await shelf.told('nightly'), [], point)
    assert.deepEqual(await shelf.ask('select tick from books.banyan_tick'), [], point)
  }
  await runner.checkNow()
  assert.deepEqual(await shelf.told('nightly'), ['2026-11-22T03:00:00.000Z'])
})

test('a commit whose answer is lost does not fire again', async () => {
  const faults = new Faults()
  await using opened = await open(createWorld({ faults }))
  const { shelf, at } = opened
  const runner = opened.runner(nightly)
  await runner.checkNow()
  at('2026-11-22T03:00Z')
  // The look is the first transaction, the firing the second.
  faults.arm('data.commit.after', 'fail', 2)
  await assert.rejects(runner.checkNow(), { code: 'DATA_OUTCOME_UNKNOWN' })
  await runner.checkNow()
  assert.deepEqual(await shelf.told('nightly'), ['2026-11-22T03:00:00.000Z'])
})

test('an input that cannot be made holds its own schedule only, until it can', async () => {
  await using opened = await open()
  const { shelf, library, at } = opened
  let isBroken = true
  const table: CronTable = {
    ...nightly,
    broken: {
      expression: '0 3 * * *',
      input: ({ at: tick, ...there }) => {
        if (isBroken) throw new Error('no holidays for this year')
        return { cron: 'broken', at: tick.toISOString(), ...there }
      },
    },
  }
  const runner = opened.runner(table)
  await runner.checkNow()
  at('2026-11-22T03:00Z')
  await runner.checkNow()
  assert.equal((await shelf.told('nightly')).length, 1)
  assert.equal((await shelf.told('broken')).length, 0)
  await library.telemetry.logs.flush()
  assert.ok(library.lines.some((line) => /cron \\"broken\\" cannot fire.*/.test(line)))
  isBroken = false
  await runner.checkNow()
  assert.equal((await shelf.told('broken')).length, 1)
})

test('jobs that a transport carries go to the outbox with their tick', async () => {
  await using opened = await open()
  const { shelf, library, now, at } = opened
  const woken: string[] = []
  const wake = (module: string): void => void woken.push(module)
  const runner = library.runner(nightly, { now, carriesJobs: true, wake })
  await runner.checkNow()
  assert.deepEqual(woken, [])
  at('2026-11-22T03:00Z')
  await runner.checkNow()
  const rows = await shelf.ask('select name from books.banyan_outbox')
  assert.deepEqual(rows, [{ name: 'books.jobs.noteTick' }])
  assert.deepEqual(await shelf.told('nightly'), [])
  assert.deepEqual(woken, ['books'])
})

test('without a given time the database’s clock decides, however wrong the machine’s is', async () => {
  const clock = new FakeClock(Date.UTC(2001, 0, 1))
  await using opened = await open(createWorld({ clock }))
  const { shelf, library } = opened
  const runner = library.runner({ minutely: { expression: '* * * * *', missed: 'all' } })
  await runner.checkNow()
  await shelf.ask("update books.banyan_schedule set decided_until = now() - interval '3 minutes'")
  await runner.checkNow()
  const told = await shelf.told('minutely')
  assert.equal(told.length, 3)
  const rows = await shelf.ask('select date_trunc($1, now()) as minute', ['minute'])
  assert.equal(told.at(-1), momentIn(rows, 'minute').toISOString())
})

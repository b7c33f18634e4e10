import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { createPostgresServer } from '../../engines/postgres/client/index.ts'
import { startEmbeddedPostgres } from '../../engines/postgres/embedded/index.ts'
import {
  type Clock,
  createSystemClock,
  createWorld,
  FakeClock,
  Faults,
} from '../../kernel/index.ts'
import { Library, send } from './schedules.fixture.ts'
import { Shelf } from './shelf.fixture.ts'

const folder = await mkdtemp(join(tmpdir(), 'banyan-outage-'))
const start = () =>
  startEmbeddedPostgres({
    folder: join(folder, 'pg'),
    clock: createSystemClock(),
    durability: 'test',
  })
let embedded = await start()
after(async () => {
  await embedded.stop()
  await rm(folder, { recursive: true, force: true })
})

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 3_000; tries++) {
    if (await holds()) return
    await new Promise((resolve) => void setTimeout(resolve, 10))
  }
  throw new Error(`in vain: ${what}`)
}

/** The machine's clock, on which rests are short and deadlines are not. */
function restlessClock(): Clock {
  const clock = createSystemClock()
  const restMs = (ms: number): number => Math.min(ms, 20)
  return {
    ...clock,
    after: (ms, run, options) =>
      clock.after(options?.background === true ? restMs(ms) : ms, run, options),
  }
}

test('a database that is down delays ticks, is warned of once, and its return fires them', async () => {
  await using shelf = await Shelf.open()
  const server = createPostgresServer({ url: embedded.url })
  await using library = await Library.open(server, shelf.migrations)
  let nowMs = Date.parse('2026-11-22T02:00Z')
  let looks = 0
  const now = async (): Promise<number> => {
    looks++
    return nowMs
  }
  const world = createWorld({ clock: restlessClock() })
  const runner = library.runner({ nightly: { expression: '0 3 * * *' } }, { world, now })
  const told = async (): Promise<number> => {
    const connection = await server.connect()
    const rows = await send(connection, 'select 1 from books.banyan_message')
    await connection.close()
    return rows.length
  }
  const lines = async (pattern: RegExp): Promise<number> => {
    await library.telemetry.logs.flush()
    return library.lines.filter((line) => pattern.test(line)).length
  }
  const moreLooks = async (): Promise<void> => {
    const before = looks
    await until('more looks', () => looks > before + 4)
  }

  runner.start()
  await moreLooks()
  await embedded.stop()
  nowMs = Date.parse('2026-11-22T03:00Z')
  await moreLooks()
  assert.equal(await lines(/wait for their database/), 1)
  embedded = await start()
  await until('the tick', async () => (await told()) > 0)
  await until('a word of the return', async () => (await lines(/are looked after again/)) === 1)
  await moreLooks()
  assert.equal(await told(), 1)
  await runner.stop()
})

test('a look that hangs is given up at its deadline, and the next one fires', async () => {
  const clock = new FakeClock()
  const faults = new Faults()
  await using shelf = await Shelf.open()
  await using library = await Library.open(shelf.server, shelf.migrations)
  const world = createWorld({ clock, faults })
  let nowMs = Date.parse('2026-11-22T02:00Z')
  const options = { world, now: async () => nowMs }
  const runner = library.runner({ nightly: { expression: '0 3 * * *' } }, options)
  await runner.checkNow()
  nowMs = Date.parse('2026-11-22T03:00Z')
  faults.recording = true
  faults.arm('messages.cron.decided', 'hang')
  let code = ''
  const hanging = runner.checkNow().catch((error: { code: string }) => {
    code = error.code
  })
  await until('the deadline', async () => {
    if (!faults.reached.has('messages.cron.decided')) return false
    await clock.advance(1_000)
    return code !== ''
  })
  await hanging
  assert.match(code, /^DATA_/)
  assert.deepEqual(await shelf.told('nightly'), [])
  await runner.checkNow()
  assert.equal((await shelf.told('nightly')).length, 1)
})

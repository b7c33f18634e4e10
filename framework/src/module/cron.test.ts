import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { contract } from '../contract/index.ts'
import { type Cron, type CronOptions, cron } from './cron.ts'
import { CronTiming } from './cron-timing.ts'
import { walkTicks } from './cron-timing.fixture.ts'
import { type Job, job } from './job.ts'

import { module } from './module.ts'

const reconcile = job('reconcile', { input: z.object({ day: z.string() }) })
const books = contract('books', { operations: {} })

function declare(
  expression: string,
  options: Partial<CronOptions<typeof reconcile.input>> = {},
  name = 'nightly',
): Cron {
  const declared = module(books, {
    tables: { migrations: new URL('file:///sql/') },
    handlers: {},
    messages: ({ perform }) => [perform(reconcile, async () => {})],
    crons: {
      [name]: cron(expression, {
        enqueue: reconcile,
        input: ({ day }) => ({ day }),
        ...options,
      }),
    },
  })
  const [made] = declared.crons
  assert.ok(made)
  return made
}

function refused(reason: RegExp, ...given: Parameters<typeof declare>): void {
  assert.throws(
    () => declare(...given),
    (error: { code: string; message: string }) => {
      assert.equal(error.code, 'MODULE_CRON_INVALID')
      assert.match(error.message, reason)
      assert.match(error.message, /books\.crons\./)
      return true
    },
    `${given[0]} should be refused`,
  )
}

test('a cron has defaults: UTC, and once for all that was missed', () => {
  const { name, timeZone, missed, missedMax, graceMs } = declare('0 3 * * *')
  assert.deepEqual(
    { name, timeZone, missed, missedMax, graceMs },
    { name: 'nightly', timeZone: 'UTC', missed: 'once', missedMax: 100, graceMs: 60_000 },
  )
})

test('an expression that cannot be read is refused with its place', () => {
  const texts = [
    '',
    '* * * *',
    '* * * * * *',
    '60 * * * *',
    '*/0 * * * *',
    '1-61 * * * *',
    'H 3 * * *',
  ]
  const more = [
    '2026-12-01T00:00:00Z',
    '@reboot',
    '0  3 * * *',
    '0 3 * * * ',
    '0 3 * * ZUN',
    '0 24 * * *',
  ]
  for (const text of [...texts, ...more]) refused(/books\.crons\.nightly cannot be: /, text)
})

test('an expression that never fires is refused', () => {
  refused(/never fires/, '0 0 31 2 *')
  refused(/never fires/, '0 0 31 4,6,9,11 *')
  assert.ok(declare('0 0 29 2 *').timing.next(Date.UTC(2097, 0, 1)))
})

test('a time zone that is not known is refused', () => {
  refused(/"Europe\/Atlantis" is not a time zone/, '0 3 * * *', { timeZone: 'Europe/Atlantis' })
})

test('options that would be ignored or are out of their range are refused', () => {
  refused(/missedMax is for/, '0 3 * * *', { missedMax: 10 })
  refused(/grace is for/, '0 3 * * *', { missed: 'once', grace: '5m' })
  refused(/missedMax is 0/, '0 3 * * *', { missed: 'all', missedMax: 0 })
  refused(/missedMax is 1001/, '0 3 * * *', { missed: 'all', missedMax: 1_001 })
  refused(/grace is 1s/, '0 3 * * *', { missed: 'skip', grace: '1s' })
  refused(/lower camel case/, '0 3 * * *', {}, 'Nightly')
  refused(/does not perform the job "other"/, '0 3 * * *', {
    enqueue: job('other', { input: reconcile.input }),
  })
})

test('the input is what the schema of the job takes, by type', () => {
  const wrong = cron('0 3 * * *', {
    enqueue: reconcile,
    // @ts-expect-error the job wants a day
    input: ({ at }) => ({ at }),
  })
  const made: Job = wrong.enqueue
  assert.equal(made.name, 'reconcile')
})

test('a tick knows its day and time where the schedule is', () => {
  const { timing } = declare('30 0 * * *', { timeZone: 'Europe/Berlin' })
  const next = timing.next(Date.UTC(2026, 6, 1, 12))
  assert.deepEqual(timing.tickAt(next ?? 0), {
    at: new Date('2026-07-01T22:30:00Z'),
    day: '2026-07-02',
    time: '00:30',
  })
})

function ticksOf(expression: string, timeZone: string, from: string, count: number): string[] {
  const timing = new CronTiming(expression, timeZone)
  let ms = Date.parse(from)
  return Array.from({ length: count }, () => {
    ms = timing.next(ms) ?? Number.NaN
    return new Date(ms).toISOString().slice(0, 16)
  })
}

test('a time in the gap of spring fires once, at the end of the gap', () => {
  assert.deepEqual(ticksOf('30 2 * * *', 'Europe/Berlin', '2027-03-27T00:00Z', 3), [
    '2027-03-27T01:30',
    '2027-03-28T01:00',
    '2027-03-29T00:30',
  ])
  assert.deepEqual(ticksOf('30 2 * * *', 'America/New_York', '2027-03-14T00:00Z', 2), [
    '2027-03-14T07:00',
    '2027-03-15T06:30',
  ])
})

test('a time in the repeated hour of autumn fires once, at its first coming', () => {
  assert.deepEqual(ticksOf('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00Z', 2), [
    '2026-10-25T00:30',
    '2026-10-26T01:30',
  ])
  assert.deepEqual(ticksOf('30 1 * * *', 'America/New_York', '2026-10-31T12:00Z', 2), [
    '2026-11-01T05:30',
    '2026-11-02T06:30',
  ])
})

test('with a star or a step elapsed time counts, so the repeated hour fires twice', () => {
  assert.deepEqual(ticksOf('30 * * * *', 'Europe/Berlin', '2026-10-24T23:45Z', 3), [
    '2026-10-25T00:30',
    '2026-10-25T01:30',
    '2026-10-25T02:30',
  ])
})

const spanMs = 3 * 86_400_000
const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'UTC']
/** Days on which clocks change in one of them. */
const begins = ['2026-10-03', '2026-10-24', '2026-10-31', '2027-03-13', '2027-03-27', '2027-04-03']
const shapes = [
  { expression: '30 2 * * *', kind: 'said', isDue: (minute: number) => minute === 150 },
  {
    expression: '0,30 1-3 * * *',
    kind: 'said',
    isDue: (m: number) => m >= 60 && m < 240 && m % 30 === 0,
  },
  { expression: '0 * * * *', kind: 'elapsed', isDue: (minute: number) => minute % 60 === 0 },
  { expression: '*/10 * * * *', kind: 'elapsed', isDue: (minute: number) => minute % 10 === 0 },
] as const

test('ticks are those found by walking over every minute of the calendar, forwards and backwards', () => {
  for (const timeZone of zones) {
    for (const fromMs of begins.map((text) => Date.parse(text))) {
      for (const { expression, kind, isDue } of shapes) {
        const toMs = fromMs + spanMs
        const expected = walkTicks({ fromMs, toMs, timeZone }, isDue, kind)
        const timing = new CronTiming(expression, timeZone)
        const found: number[] = []
        for (let ms = timing.next(fromMs); ms !== undefined && ms <= toMs; ms = timing.next(ms)) {
          found.push(ms)
        }
        const place = `${expression} ${timeZone} from ${new Date(fromMs).toISOString()}`
        assert.deepEqual(found, expected, place)
        const count = Math.min(20, expected.length)
        assert.deepEqual(timing.last(toMs, count), expected.slice(-count), place)
      }
    }
  }
})

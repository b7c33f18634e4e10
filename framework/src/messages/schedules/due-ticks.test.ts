import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CronOptions } from '../../module/index.ts'
import { decideTicks } from './due-ticks.ts'
import { booksModule, type noteTick } from './schedules.fixture.ts'

function decide(
  given: { expression: string } & Partial<CronOptions<(typeof noteTick)['input']>>,
  from: string,
  until: string,
): { fired: string[]; isPartial: boolean } | undefined {
  const [cron] = booksModule({ given }, new URL('file:///sql/')).crons
  assert.ok(cron)
  const decision = decideTicks(cron, Date.parse(from), Date.parse(until))
  if (decision === undefined) return undefined
  const fired = decision.fired.map((ms) => new Date(ms).toISOString().slice(11, 19))
  return { fired, isPartial: decision.isPartial }
}

const hourly = { expression: '0 * * * *' } as const
const minutely = { expression: '* * * * *' } as const

test('nothing is due before the next tick, and a tick is due at its very moment', () => {
  assert.equal(decide(hourly, '2026-11-22T03:00Z', '2026-11-22T03:59:59.999Z'), undefined)
  assert.deepEqual(decide(hourly, '2026-11-22T03:00Z', '2026-11-22T04:00Z'), {
    fired: ['04:00:00'],
    isPartial: false,
  })
})

test('missed "once" fires the last tick for all', () => {
  const decision = decide(hourly, '2026-11-22T03:00Z', '2026-11-22T07:30Z')
  assert.deepEqual(decision, { fired: ['07:00:00'], isPartial: true })
})

test('missed "all" fires each, and of too many the last', () => {
  const all = { ...hourly, missed: 'all', missedMax: 3 } as const
  assert.deepEqual(decide(all, '2026-11-22T03:00Z', '2026-11-22T06:30Z'), {
    fired: ['04:00:00', '05:00:00', '06:00:00'],
    isPartial: false,
  })
  assert.deepEqual(decide(all, '2026-11-22T03:00Z', '2026-11-22T09:30Z'), {
    fired: ['07:00:00', '08:00:00', '09:00:00'],
    isPartial: true,
  })
})

test('missed "skip" fires what is not older than the grace', () => {
  const skip = { ...hourly, missed: 'skip', grace: '5m' } as const
  assert.deepEqual(decide(skip, '2026-11-22T03:00Z', '2026-11-22T07:05Z'), {
    fired: ['07:00:00'],
    isPartial: true,
  })
  assert.deepEqual(decide(skip, '2026-11-22T03:00Z', '2026-11-22T07:05:00.001Z'), {
    fired: [],
    isPartial: true,
  })
  assert.deepEqual(
    decide({ ...hourly, missed: 'skip' }, '2026-11-22T06:59Z', '2026-11-22T07:01Z'),
    {
      fired: ['07:00:00'],
      isPartial: false,
    },
  )
})

test('the longest grace holds an hour of minutes with both its ends', () => {
  const skip = { ...minutely, missed: 'skip', grace: '1h' } as const
  const decision = decide(skip, '2026-11-01T00:00Z', '2026-11-22T07:00Z')
  assert.equal(decision?.fired.length, 61)
  assert.equal(decision?.fired[0], '06:00:00')
})

test('an absence of years is decided as fast as one of minutes', () => {
  const all = { ...minutely, missed: 'all', missedMax: 100 } as const
  const begin = performance.now()
  const decision = decide(all, '2016-11-22T00:00Z', '2026-11-22T00:00Z')
  assert.equal(decision?.fired.length, 100)
  assert.ok(performance.now() - begin < 2_000, 'it walked over all of them')
})

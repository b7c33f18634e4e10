import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { dayExists, formatInstant, parseInstant } from './iso-instant.ts'

const dates = fc.date({ noInvalidDate: true })

test('an instant is written as Date writes it, in every year', () => {
  fc.assert(
    fc.property(dates, (date) => {
      assert.equal(formatInstant(date.getTime()), date.toISOString())
    }),
    { numRuns: 5_000 },
  )
})

test('an instant of the years 0 to 9999 is read as Date reads it', () => {
  const usual = fc.date({
    noInvalidDate: true,
    min: new Date('0000-01-01T00:00:00.000Z'),
    max: new Date('9999-12-31T23:59:59.999Z'),
  })
  fc.assert(
    fc.property(usual, (date) => assert.equal(parseInstant(date.toISOString()), date.getTime())),
    { numRuns: 5_000 },
  )
})

test('other forms, and days and times that do not exist, are no instants', () => {
  for (const text of [
    '',
    '2026-11-22',
    '2026-11-22T06:00:00Z',
    '2026-11-22T06:00:00.000+01:00',
    '2026-11-22 06:00:00.000Z',
    '2026-13-01T00:00:00.000Z',
    '2026-00-01T00:00:00.000Z',
    '2026-01-00T00:00:00.000Z',
    '2026-02-29T00:00:00.000Z',
    '2100-02-29T00:00:00.000Z',
    '2026-04-31T00:00:00.000Z',
    '2026-01-01T24:00:00.000Z',
    '2026-01-01T00:60:00.000Z',
    '2026-01-01T00:00:60.000Z',
    '2026-01-01T00:00:00.00xZ',
    'x026-01-01T00:00:00.000Z',
    '2026-01-01T00:0 :00.000Z',
  ]) {
    assert.ok(Number.isNaN(parseInstant(text)), text)
  }
  assert.equal(parseInstant('2024-02-29T00:00:00.000Z'), Date.UTC(2024, 1, 29))
  assert.equal(dayExists(2000, 2, 29), true)
  assert.equal(dayExists(1900, 2, 29), false)
})

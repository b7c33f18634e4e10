import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { unrolled } from './unroll.ts'

test('a counted class and a counted escape are written out', () => {
  assert.equal(unrolled(/^[a-f]{3}-\d{2}$/).source, '^[a-f][a-f][a-f]-\\d\\d$')
  assert.equal(unrolled(/^[\]x]{2}[a]{0}$/).source, '^[\\]x][\\]x]$')
})

test('what is not an exact count of a set stays as it is', () => {
  const kept = [
    /^(ab){3}$/,
    /a{3}/,
    /\[{2}/,
    /[a]{2,3}/,
    /[a]{2,}/,
    /[a]{2}?b/,
    /\{3}/,
    /[a]{65}/,
    /[d{2}]/,
  ]
  for (const pattern of kept) assert.equal(unrolled(pattern), pattern, pattern.source)
  for (const pattern of [/[a]{2}/i, /[a]{2}/u, /[a]{2}/g]) assert.equal(unrolled(pattern), pattern)
})

test('a pattern means the same written out', () => {
  const patterns = [
    ...[z.uuid(), z.guid(), z.uuidv7(), z.ulid(), z.e164(), z.iso.date(), z.email()].map(
      ({ _zod }) => _zod.def.pattern ?? assert.fail('a format without a pattern'),
    ),
    ...[/^[A-Z]{2}\d{4}$/, /^(?:[ab]{2}|\d{3})+$/, /[x]{2}(?:)/, /^[ab]{2}{/],
  ]
  const samples = [
    ...['0193a1f0-7c00-7000-8000-0000000000ff', '0193a1f0-7c00-7000-8000-0000000000f'],
    ...['0193a1f0-7c00-7000-8000-0000000000fff', '00000000-0000-0000-0000-000000000000'],
    ...['0193A1F0-7C00-7000-C000-0000000000FF', '01ARZ3NDEKTSV4RRFFQ69G5FAV', '+4915112345678'],
    ...['2024-02-29', '2023-02-29', '2024-13-01', 'a@b.co', 'AB1234', 'AB123', 'ab123ab', 'xx', ''],
    ...['ab{', '0193a1f0-7c00-7000-8000-0000000000f\n', '٠٠٠٠'],
  ]
  for (const pattern of patterns) {
    for (const sample of samples) {
      assert.equal(unrolled(pattern).test(sample), pattern.test(sample), `${pattern} on ${sample}`)
    }
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { showValue } from './show-value.ts'

test('any value can be shown, on one short line', () => {
  const circle: { self?: unknown } = {}
  circle.self = circle
  const shown = [
    ['three', '"three"'],
    [['a', 1], '["a",1]'],
    [undefined, 'undefined'],
    [Number.NaN, 'NaN'],
    [-0.5, '-0.5'],
    [10n, 'a bigint'],
    [Symbol('s'), 'a symbol'],
    [() => 1, 'a function'],
    [circle, 'a value of type object that cannot be written'],
    [{ toJSON: () => undefined }, 'a value of type object that cannot be written'],
    [{ text: 'a\n\tb' }, '{"text":"a\\n\\tb"}'],
  ] as const
  for (const [value, text] of shown) assert.equal(showValue(value), text)
  assert.equal(showValue('x'.repeat(100)).length, 61)
})

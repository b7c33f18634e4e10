import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stopOrderOf } from './stop-order.ts'

test('callers stop before those whom they call', () => {
  const calls = { edge: ['sales', 'browse'], sales: ['money', 'browse'], browse: [], money: [] }
  assert.deepEqual(stopOrderOf(['browse', 'money', 'sales', 'edge'], calls), [
    ['edge'],
    ['sales'],
    ['browse', 'money'],
  ])
})

test('services that call each other in a circle stop together, after their callers', () => {
  const calls = { edge: ['a'], a: ['b'], b: ['a'] }
  assert.deepEqual(stopOrderOf(['a', 'b', 'edge'], calls), [['edge'], ['a', 'b']])
})

test('a service that calls itself, and one that nobody knows, stop at once', () => {
  assert.deepEqual(stopOrderOf(['a', 'a', 'b'], { a: ['a', 'gone'] }), [['a', 'b']])
})

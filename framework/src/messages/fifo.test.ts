import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Fifo } from './fifo.ts'

test('items leave in the order in which they came', () => {
  const fifo = new Fifo<number>()
  assert.equal(fifo.first, undefined)
  fifo.add([1, 2, 3])
  assert.deepEqual(fifo.take(2), [1, 2])
  fifo.add([4])
  assert.equal(fifo.first, 3)
  assert.deepEqual(fifo.take(Number.POSITIVE_INFINITY), [3, 4])
  assert.deepEqual(fifo.take(1), [])
})

test('only the first ones that are wanted are taken', () => {
  const fifo = new Fifo<number>()
  fifo.add([2, 4, 5, 6])
  assert.deepEqual(
    fifo.take(10, (number) => number % 2 === 0),
    [2, 4],
  )
  assert.equal(fifo.first, 5)
})

test('the last ones can be taken back, but not those that have left', () => {
  const fifo = new Fifo<number>()
  fifo.add([1, 2, 3, 4])
  fifo.take(1)
  assert.deepEqual(fifo.takeLast(2), [3, 4])
  assert.deepEqual(fifo.takeLast(5), [2])
  assert.equal(fifo.first, undefined)
})

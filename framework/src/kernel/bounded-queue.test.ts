import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { BoundedQueue } from './index.ts'

test('a bounded queue behaves as an array with a limit', () => {
  const step = fc.oneof(fc.nat(99), fc.constant('shift' as const))
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(step), (capacity, steps) => {
      const queue = new BoundedQueue<number>('line', capacity)
      const model: number[] = []
      for (const one of steps) {
        if (one === 'shift') assert.equal(queue.shift(), model.shift())
        else if (model.length === capacity) {
          assert.throws(() => queue.push(one), {
            code: 'KERNEL_QUEUE_FULL',
            kind: 'exhausted',
            details: { queue: 'line', limit: capacity },
          })
        } else {
          queue.push(one)
          model.push(one)
        }
        assert.equal(queue.size, model.length)
      }
    }),
  )
})

test('a queue keeps what is wanted, in order, wherever its head stands', () => {
  const queue = new BoundedQueue<number>('line', 4)
  for (const item of [1, 2, 3, 4]) queue.push(item)
  queue.shift()
  queue.push(5)
  queue.keep((item) => item % 2 === 1)
  assert.equal(queue.size, 2)
  assert.deepEqual([queue.shift(), queue.shift(), queue.shift()], [3, 5, undefined])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { placementOf } from './placements.ts'

const modules = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
const numbers = Array.from({ length: 40 }, (_, index) => index + 1)

test('every placement holds every module once, in no empty group', () => {
  for (const count of [1, 2, 3, 7]) {
    const some = modules.slice(0, count)
    for (const number of numbers) {
      const groups = placementOf(some, number)
      assert.deepEqual(groups.flat().toSorted(), some)
      assert.ok(groups.every(({ length }) => length > 0))
    }
  }
})

test('first each module stands alone, then pairs and groups take turns', () => {
  assert.deepEqual(placementOf(modules, 3)[0], ['c'])
  const pairs = placementOf(modules, 8).map(({ length }) => length)
  assert.deepEqual(pairs, [2, 2, 2, 1])
  const groups = [9, 11, 13, 15].map((number) => placementOf(modules, number))
  assert.ok(groups.every(({ length }) => length >= 2))
  assert.ok(groups.some((group) => group.some(({ length }) => length > 2)))
})

test('a number gives the same groups again, and others give others', () => {
  const texts = numbers.map((number) => JSON.stringify(placementOf(modules, number)))
  assert.deepEqual(
    texts,
    numbers.map((number) => JSON.stringify(placementOf(modules, number))),
  )
  assert.ok(new Set(texts).size > 35)
})

test('a placement that is no number is refused', () => {
  for (const number of [0, -1, 1.5, Number.NaN]) {
    assert.throws(() => placementOf(modules, number), /there is no placement/)
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findCycles } from './index.ts'

function cyclesOf(edges: Readonly<Record<string, readonly string[]>>): string[][] {
  return findCycles(new Map(Object.entries(edges)))
}

test('a graph without circles has no cycles', () => {
  assert.deepEqual(cyclesOf({ a: ['b', 'c'], b: ['c'], c: ['outside'] }), [])
})

test('each knot is told once, by a shortest path that returns to its start', () => {
  const found = cyclesOf({ a: ['b'], b: ['c', 'd'], c: ['d'], d: ['b'], x: ['y'], y: ['x'] })
  assert.deepEqual(found, [
    ['b', 'd', 'b'],
    ['x', 'y', 'x'],
  ])
})

test('a file that imports itself is a cycle', () => {
  assert.deepEqual(cyclesOf({ a: ['a'] }), [['a', 'a']])
})

test('a chain of fifty thousand imports is walked without overflowing the stack', () => {
  const length = 50_000
  const edges = Array.from({ length }, (_, i): [string, string[]] => [`${i}`, [`${i + 1}`]])
  assert.deepEqual(findCycles(new Map(edges)), [])
  const closed = findCycles(new Map([...edges, [`${length}`, ['0']]]))
  assert.equal(closed[0]?.length, length + 2)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { orderStates } from './contract.ts'
import { sourcesOf, transitions } from './transitions.ts'

test('every state but the first can be reached, and only two states are final', () => {
  const unreachable = orderStates.filter((state) => sourcesOf(state).length === 0)
  assert.deepEqual(unreachable, ['placed'])
  const final = orderStates.filter((state) => transitions[state].length === 0)
  assert.deepEqual(final, ['cancelled', 'refunded'])
})

test('what has been shipped can be refunded, but not cancelled', () => {
  assert.deepEqual(sourcesOf('cancelling'), ['paid', 'packed'])
  assert.deepEqual(sourcesOf('refunding'), ['delivered'])
})

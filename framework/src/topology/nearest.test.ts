import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nearestOf } from './nearest.ts'

test('the nearest name is within a third of the length, whatever the case', () => {
  assert.equal(nearestOf('instnces', ['modules', 'instances']), 'instances')
  assert.equal(nearestOf('INSTANCES', ['modules', 'instances']), 'instances')
})

test('nothing near is the empty text, not the least far', () => {
  assert.equal(nearestOf('replicas', ['modules', 'instances']), '')
  assert.equal(nearestOf('x', []), '')
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isClerkSecret } from './clerk-secret.ts'

test('only the configured secret is one', () => {
  assert.ok(isClerkSecret('a-long-enough-secret', 'a-long-enough-secret'))
  assert.ok(!isClerkSecret('a-long-enough-secre', 'a-long-enough-secret'))
})

test('without a configured secret nobody is a clerk, not even with an empty one', () => {
  assert.ok(!isClerkSecret('', undefined))
  assert.ok(!isClerkSecret('anything', undefined))
})

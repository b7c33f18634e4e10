import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isRefusal, readRefusal } from './refusal.ts'

const textOf = (code: string, kind: string, mark = '') =>
  `{"code":"${code}","kind":"${kind}",${mark}"message":"m","fix":"","details":{}}`

test('an error of the platform that says nothing was done is read as that', () => {
  assert.equal(readRefusal(textOf('DATA_UNAVAILABLE', 'unavailable')).isNotDone, true)
  assert.equal(readRefusal(textOf('KERNEL_QUEUE_FULL', 'exhausted')).isNotDone, true)
  assert.equal(readRefusal(textOf('DATA_OUTCOME_UNKNOWN', 'unknown_outcome')).isNotDone, false)
})

test('a declared failure is an answer, whatever its kind', () => {
  for (const kind of ['unavailable', 'exhausted']) {
    const text = textOf('SHOP_CLOSED', kind, '"isDeclared":true,')
    assert.equal(readRefusal(text).isNotDone, false)
    assert.equal(isRefusal(text), false)
  }
})

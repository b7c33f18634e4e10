import assert from 'node:assert/strict'
import { test } from 'node:test'
import { filesKeyInvalid, filesOptionInvalid, filesRangeInvalid, filesTooLarge } from './errors.ts'
import { assertKey, assertPrefix } from './key.ts'
import { fileBytesMax, readPageBound, readPutBound } from './limits.ts'
import { assertRange, rangeText, spanOf } from './range.ts'

const request = { key: 'a', content: Buffer.from('abc'), contentType: 'image/png' }

test('a bound of a put is the given one, or the largest there is', () => {
  assert.equal(readPutBound(request), fileBytesMax)
  assert.equal(readPutBound({ ...request, sizeBytesMax: 3 }), 3)
  assert.throws(() => readPutBound({ ...request, sizeBytesMax: 2 }), filesTooLarge.is)
  assert.throws(() => readPutBound({ ...request, sizeBytesMax: -1 }), filesOptionInvalid.is)
  for (const contentType of ['application/vnd.a+xml', 'text/plain;charset=utf-8']) {
    assert.equal(readPutBound({ ...request, contentType }), fileBytesMax)
  }
  for (const contentType of ['png', 'image/', 'a/b; c', 'image/png\n']) {
    assert.throws(() => readPutBound({ ...request, contentType }), filesOptionInvalid.is)
  }
})

test('a page has 100 entries, or what is asked from 1 to 1,000', () => {
  assert.equal(readPageBound({ prefix: '' }), 100)
  assert.equal(readPageBound({ prefix: '', countMax: 1_000 }), 1_000)
  assert.throws(() => readPageBound({ prefix: '', countMax: 1_001 }), filesOptionInvalid.is)
})

test('a range that ends beyond the file ends with it, one that begins there is refused', () => {
  const file = { key: 'a', sizeBytes: 10 }
  assert.deepEqual(spanOf(file, undefined), { first: 0, count: 10, isWhole: true })
  assert.deepEqual(spanOf(file, { first: 0, last: 99 }), { first: 0, count: 10, isWhole: true })
  assert.deepEqual(spanOf(file, { first: 9 }), { first: 9, count: 1, isWhole: false })
  assert.throws(() => spanOf(file, { first: 10 }), filesRangeInvalid.is)
  assert.throws(() => spanOf({ ...file, sizeBytes: 0 }, { first: 0 }), filesRangeInvalid.is)
  assert.throws(() => assertRange({ first: 2, last: 1 }), filesOptionInvalid.is)
  assert.equal(rangeText({ first: 2 }), 'bytes=2-')
})

test('the begin of a key may be cut anywhere, a key may not', () => {
  for (const prefix of ['', 'a', 'a/', 'a/..', '.']) assertPrefix(prefix)
  for (const key of ['', 'a/', 'a/..', '.', 'a//b']) {
    assert.throws(() => assertKey(key), filesKeyInvalid.is)
  }
})

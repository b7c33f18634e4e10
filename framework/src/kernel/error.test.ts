import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  asBanyanError,
  BanyanError,
  defineError,
  type ErrorKind,
  errorKinds,
  kernelBug,
  kernelValueUnencodable,
  kindRules,
} from './index.ts'

const shelfEmpty = defineError<{ sku: string }>('SHELF_EMPTY', 'conflict', {
  message: ({ sku }) => `no ${sku} on the shelf`,
  fix: ({ sku }) => `Restock ${sku}.`,
})

test('every kind has one row of consequences, and there are no rows beside', () => {
  assert.deepEqual(Object.keys(kindRules), [...errorKinds])
  const table: Record<ErrorKind, readonly [number, string, string]> = {
    invalid: [400, 'never', 'info'],
    unauthenticated: [401, 'never', 'info'],
    forbidden: [403, 'never', 'info'],
    not_found: [404, 'never', 'info'],
    conflict: [409, 'never', 'info'],
    exhausted: [429, 'later', 'warn'],
    unavailable: [503, 'later', 'error'],
    unknown_outcome: [504, 'with_key', 'error'],
    cancelled: [499, 'with_key', 'info'],
    bug: [500, 'never', 'error'],
  }
  for (const kind of errorKinds) {
    const { status, retry, level } = kindRules[kind]
    assert.deepEqual([status, retry, level], table[kind], kind)
  }
})

test('a definition makes errors with code, kind, message, fix, details and cause', () => {
  const cause = new Error('the shelf sensor')
  const error = shelfEmpty({ sku: 'A1' }, { cause })
  assert.equal(error.code, 'SHELF_EMPTY')
  assert.equal(error.name, 'SHELF_EMPTY')
  assert.equal(error.kind, 'conflict')
  assert.equal(error.message, 'no A1 on the shelf')
  assert.equal(error.fix, 'Restock A1.')
  assert.deepEqual(error.details, { sku: 'A1' })
  assert.equal(error.cause, cause)
  assert.equal(Object.hasOwn(shelfEmpty({ sku: 'A1' }), 'cause'), false)
})

test('a definition recognises its own errors and no others', () => {
  assert.equal(shelfEmpty.is(shelfEmpty({ sku: 'A1' })), true)
  assert.equal(shelfEmpty.is(kernelBug({ cause: 'x' })), false)
  assert.equal(shelfEmpty.is({ code: 'SHELF_EMPTY' }), false)
})

test('errors of another copy of the package are recognised by their brand', () => {
  const foreign = { isBanyanError: true, code: 'SHELF_EMPTY', kind: 'conflict', details: {} }
  assert.ok(foreign instanceof BanyanError)
  assert.equal(shelfEmpty.is(foreign), true)
  for (const value of [undefined, null, 1, 'x', new Error('x')]) {
    assert.equal(value instanceof BanyanError, false)
  }
})

test('any thrown value becomes a coded error; a coded one stays itself', () => {
  const coded = shelfEmpty({ sku: 'A1' })
  assert.equal(asBanyanError(coded), coded)
  const wrapped = asBanyanError(new TypeError('x is not a function'))
  assert.equal(wrapped.code, 'KERNEL_BUG')
  assert.match(wrapped.message, /TypeError: x is not a function/)
  assert.ok(wrapped.cause instanceof TypeError)
  for (const thrown of [undefined, null, 7, 'text', Symbol('s'), 5n]) {
    assert.equal(asBanyanError(thrown).kind, 'bug')
  }
})

test('what refuses to become text is still a bug with a code, not a second throw', () => {
  const bare: unknown = Object.create(null)
  const hostile = {
    toString(): string {
      throw new Error('no')
    },
  }
  const error = new Error('x')
  Object.defineProperty(error, 'message', {
    get() {
      throw new Error('no')
    },
  })
  for (const thrown of [bare, hostile, error]) {
    assert.match(asBanyanError(thrown).message, /a thrown object that has no text/)
  }
})

test('a value that cannot be recorded is named by its type', () => {
  const error = kernelValueUnencodable({ type: 'function' })
  assert.equal(error.code, 'KERNEL_VALUE_UNENCODABLE')
  assert.equal(error.message, 'a function cannot be recorded')
})

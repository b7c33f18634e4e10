import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import {
  type Access,
  command,
  contract,
  event,
  failure,
  type Operation,
  parseRoute,
  query,
  timeoutMsOf,
} from './index.ts'

const empty = z.object({})
const base = { input: empty, output: empty, access: 'public' } as const

function declare(operation: Partial<Operation> & { kind?: 'query' }) {
  return () => contract('shelf', { operations: { look: { ...query(base), ...operation } } })
}

test('a contract is a value: names are bound to failures and events, operations stay themselves', () => {
  const look = query(base)
  const shelf = contract('shelf', {
    failures: {
      tooFull: failure('conflict', z.object({ max: z.int() }), ({ max }) => `holds ${max}`),
    },
    operations: { look },
    events: {
      filled: event({ version: 1, payload: z.object({ id: z.string() }), key: ({ id }) => id }),
    },
  })
  assert.equal(shelf.name, 'shelf')
  assert.equal(shelf.operations.look, look)
  assert.equal(shelf.events.filled.name, 'shelf.filled')
  assert.equal(shelf.events.filled.key({ id: 'x' }), 'x')
  const error = shelf.failures.tooFull({ max: 3 })
  assert.deepEqual(
    [error.code, error.kind, error.message],
    ['SHELF_TOO_FULL', 'conflict', 'holds 3'],
  )
  assert.ok(shelf.failures.tooFull.is(error))
})

test('a failure without a text is named in words', () => {
  const { failures } = contract('shopFloor', {
    failures: { noRoomLeft: failure('unavailable', empty) },
    operations: {},
  })
  const error = failures.noRoomLeft({})
  assert.deepEqual(
    [error.code, error.message],
    ['SHOP_FLOOR_NO_ROOM_LEFT', 'shopFloor: no room left'],
  )
})

test('names are lower camel case and bounded; everything that has a name is checked', () => {
  const bad = ['', 'Shelf', '1shelf', 'my-shelf', 'my_shelf', 'a.b', 'x'.repeat(64), 'größe']
  const code = 'CONTRACT_NAME_INVALID'
  for (const name of bad) {
    assert.throws(() => contract(name, { operations: {} }), { code, kind: 'invalid' }, name)
    assert.throws(() => contract('shelf', { operations: { [name]: query(base) } }), { code })
    const failures = { [name]: failure('conflict', empty) }
    assert.throws(() => contract('shelf', { failures, operations: {} }), { code })
    const events = { [name]: event({ version: 1, payload: empty, key: () => '' }) }
    assert.throws(() => contract('shelf', { events, operations: {} }), { code })
  }
  contract('x'.repeat(63), { operations: { a1B: query(base) } })
})

test('an operation without an access rule is refused, with its name', () => {
  const rules: readonly (Access | undefined)[] = [undefined, '', []]
  for (const access of rules) {
    assert.throws(declare({ access: access as Access }), {
      code: 'CONTRACT_ACCESS_MISSING',
      details: { place: 'shelf.look' },
    })
  }
})

test('an operation ends with failures of its own contract only', () => {
  assert.throws(declare({ failures: ['gone'] }), {
    code: 'CONTRACT_FAILURE_UNKNOWN',
    details: { place: 'shelf.look', failure: 'gone', known: 'none' },
  })
})

test('timeouts have defaults by kind, and bounds', () => {
  assert.equal(timeoutMsOf(query(base), 'x'), 5_000)
  assert.equal(timeoutMsOf(command(base), 'x'), 10_000)
  assert.equal(timeoutMsOf(query({ ...base, timeout: '1.5s' }), 'x'), 1_500)
  assert.equal(timeoutMsOf(query({ ...base, timeout: 1 }), 'x'), 1)
  assert.equal(timeoutMsOf(query({ ...base, timeout: '10m' }), 'x'), 600_000)
  for (const timeout of [0, 0.5, -1, 600_001, Number.NaN, '11m', 'soon', '']) {
    assert.throws(declare({ timeout }), { code: 'CONTRACT_TIMEOUT_INVALID' }, String(timeout))
  }
})

test('the body of a request is bounded by what a call between services carries', () => {
  for (const bodyBytesMax of [0, 1_023, 1_024.5, 4_194_305, Number.NaN]) {
    assert.throws(declare({ bodyBytesMax }), { code: 'CONTRACT_BODY_INVALID' }, `${bodyBytesMax}`)
  }
  for (const bodyBytesMax of [1_024, 4_194_304]) declare({ bodyBytesMax })()
})

test('a schema that cannot be read back is refused where it is declared', () => {
  const oneWay = z.object({ length: z.string().transform((text) => text.length) })
  const code = 'CONTRACT_SCHEMA_ONE_WAY'
  assert.throws(declare({ input: oneWay }), { code, details: { place: 'shelf.look: the input' } })
  assert.throws(declare({ output: oneWay }), { code })
})

test('a route has a method and a path of literals and parameters', () => {
  assert.deepEqual(parseRoute('GET /stock/{sku}/levels.v1', 'x'), {
    method: 'GET',
    path: '/stock/{sku}/levels.v1',
    segments: [
      { type: 'literal', text: 'stock' },
      { type: 'parameter', name: 'sku' },
      { type: 'literal', text: 'levels.v1' },
    ],
  })
  assert.deepEqual(parseRoute('DELETE /', 'x').segments, [])
})

test('a route that is none is refused, with its cause', () => {
  const bad: readonly (readonly [string, RegExp])[] = [
    ['', /is not "<METHOD> \/path"/],
    ['/stock', /is not/],
    ['get /stock', /is not/],
    ['HEAD /stock', /is not/],
    ['GET stock', /is not/],
    ['GET  /stock', /is not/],
    ['GET /a b', /is not/],
    ['GET /stock/', /bad segment ""/],
    ['GET //stock', /bad segment ""/],
    ['GET /{}', /bad segment/],
    ['GET /{a-b}', /bad segment/],
    ['GET /a{b}', /bad segment/],
    ['GET /a%20b', /bad segment/],
    ['GET /a?b=c', /bad segment/],
    ['GET /{a}/{a}', /names \{a\} twice/],
  ]
  for (const [route, cause] of bad) {
    assert.throws(
      () => parseRoute(route, 'shelf.look'),
      (error: Error & { code?: string }) => {
        assert.equal(error.code, 'CONTRACT_ROUTE_INVALID', route)
        assert.match(error.message, cause)
        assert.match(error.message, /^shelf\.look/)
        return true
      },
    )
    assert.throws(declare({ http: route }), { code: 'CONTRACT_ROUTE_INVALID' })
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { anonymous, FakeClock } from '../kernel/index.ts'
import {
  encodePostHeaders,
  isModuleName,
  isOperationName,
  postHeader,
  postPath,
  tryDecodePostHeaders,
  tryParsePostPath,
  wireTimeoutMs,
} from './post-headers.ts'
import { FakeCall } from './router.fixture.ts'

const call = (): FakeCall => new FakeCall(new FakeClock(), { kind: 'command', timeoutMs: 1_234 })

test('what a caller says is what the callee reads, whatever the texts hold', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string()).map((s) => s.toWellFormed())
  const optional = fc.option(text, { nil: undefined })
  fc.assert(
    fc.property(
      fc.record({
        ...{ callerModule: optional, idempotencyKey: optional, token: optional },
        isAuthorized: fc.boolean(),
        criticality: fc.constantFrom('critical', 'default', 'sheddable', 'background'),
        principal: fc.record({ subject: text, roles: fc.array(text) }, { noNullPrototype: true }),
      }),
      text,
      (said, service) => {
        const headers = encodePostHeaders(Object.assign(call(), said), service)
        for (const value of Object.values(headers)) assert.match(value, /^[\x21-\x7e]*$/)
        const read = tryDecodePostHeaders(headers)
        assert.deepEqual(read, {
          ...said,
          ...{ service, timeoutMs: 1_234, trace: call().trace },
        })
      },
    ),
    { numRuns: 300 },
  )
})

test('an anonymous caller needs no header, and a plain key reads as it is', () => {
  const headers = encodePostHeaders(call(), 'edge')
  assert.equal(headers[postHeader.principal], undefined)
  assert.equal(tryDecodePostHeaders(headers)?.principal, anonymous)
  assert.equal(headers[postHeader.idempotencyKey], 'a%20key')
})

test('headers of another protocol are refused', () => {
  const good = encodePostHeaders(call(), 'edge')
  assert.ok(tryDecodePostHeaders(good) !== undefined)
  const broken: readonly Readonly<Record<string, string | undefined>>[] = [
    { [postHeader.timeoutMs]: undefined },
    { [postHeader.timeoutMs]: '-1' },
    { [postHeader.timeoutMs]: '1e3' },
    { [postHeader.criticality]: 'urgent' },
    { [postHeader.trace]: 'none' },
    { [postHeader.service]: undefined },
    { [postHeader.token]: '%zz' },
    { [postHeader.principal]: 'AAAA' },
    { [postHeader.principal]: Buffer.from('{"subject":1,"roles":[]}').toString('base64url') },
  ]
  for (const change of broken) {
    assert.equal(tryDecodePostHeaders({ ...good, ...change }), undefined, JSON.stringify(change))
  }
})

test('a path names an operation, and nothing else does', () => {
  assert.equal(tryParsePostPath(postPath('stock.reserve')), 'stock.reserve')
  for (const path of [
    '/rpc/',
    '/rpc/a',
    '/rpc/a/b/c',
    '/rpc/a/',
    '/rpc/A/b',
    '/rp/a/b',
    '/rpc/a/b?x',
  ]) {
    assert.equal(tryParsePostPath(path), undefined, path)
  }
  assert.ok(isModuleName('stock') && !isModuleName('Stock') && !isModuleName('a.b'))
  assert.ok(isOperationName('stock.reserve') && !isOperationName('stock'))
})

test('time left is said in whole milliseconds, never less than is left', () => {
  assert.deepEqual([0.2, 5, -3, Number.POSITIVE_INFINITY].map(wireTimeoutMs), [
    1,
    5,
    0,
    2 ** 31 - 1,
  ])
})

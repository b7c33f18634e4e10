import assert from 'node:assert/strict'
import test from 'node:test'
import * as z from 'zod'
import { command } from '../contract/index.ts'
import { BanyanError } from '../kernel/index.ts'
import { operationOf, serve } from './http.fixture.ts'
import { sendRaw } from './raw-client.fixture.ts'
import { type Answer, ask, json, operations, seen, user } from './requests.fixture.ts'

test('path and query fields are read as their schema types them', async () => {
  await using fixture = await serve(operations)
  const read = await ask(fixture, '/lines/a%2Fb%20%C3%A9?count=3&big=12345678901234567890&extra=1')
  assert.equal(read.status, 200, read.text)
  assert.deepEqual(read.fields, { sku: 'a/b é', count: 3, big: '12345678901234567890' })
  const many = await ask(fixture, '/search?tag=a&tag=b+c&deep=true')
  assert.deepEqual(many.fields, { tag: ['a', 'b c'], deep: true })
  const one = await ask(fixture, '/search?tag=a')
  assert.deepEqual(one.fields, { tag: ['a'] })
})

test('path parameters join the fields of the body, numbers included', async () => {
  await using fixture = await serve(operations)
  const init = { ...json('{"big":"7"}'), method: 'PUT' }
  const put = await ask(fixture, '/lines/x/42', init)
  assert.deepEqual(put.fields, { sku: 'x', count: 42, big: '7' })
  const bad = await ask(fixture, '/lines/x/4x', init)
  assert.equal(bad.code, 'CALL_INPUT_INVALID')
  assert.equal((bad.fields['errors'] as { path: string }[])[0]?.path, 'count')
})

test('a field given in the path and again outside it is refused', async () => {
  await using fixture = await serve(operations)
  const inQuery = await ask(fixture, '/lines/x?count=1&sku=y')
  assert.deepEqual([inQuery.status, inQuery.code], [400, 'HTTP_FIELD_DUPLICATED'])
  const inBody = await ask(fixture, '/lines/x/1', { ...json('{"count":1}'), method: 'PUT' })
  assert.deepEqual([inBody.status, inBody.code], [400, 'HTTP_FIELD_DUPLICATED'])
  const twice = await ask(fixture, '/lines/x?count=1&count=2')
  assert.deepEqual([twice.status, twice.code], [400, 'CALL_INPUT_INVALID'])
})

test('a literal segment wins over a parameter', async () => {
  await using fixture = await serve(operations)
  assert.equal((await ask(fixture, '/lines/top')).text, '"top"')
  assert.equal((await ask(fixture, '/lines/t%6Fp')).text, '"top"')
  const other = await ask(fixture, '/lines/tops?count=1')
  assert.equal(other.fields['sku'], 'tops')
})

test('bad escapes, overlong UTF-8, NUL and dot segments are refused', async () => {
  await using fixture = await serve(operations)
  const paths = ['%zz', '%', '%c0%ae', '%ff', 'a%00b', '%2e%2e', '%2E', 'a\\b', '/x']
  for (const path of paths) {
    const { text } = await sendRaw(
      fixture.port,
      `GET /lines/${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
    )
    assert.match(text, /^HTTP\/1\.1 400 /, path)
    assert.match(text, /HTTP_PATH_INVALID/, path)
  }
  for (const value of ['%zz', '%c0%80', '%00', '%ed%a0%80']) {
    const { status, code } = await ask(fixture, `/search?tag=${value}`)
    assert.deepEqual([status, code], [400, 'HTTP_QUERY_INVALID'], value)
  }
  const many = await ask(fixture, `/search?${'a=1&'.repeat(201)}`)
  assert.equal(many.code, 'HTTP_QUERY_INVALID')
  assert.equal((await ask(fixture, '/search?__proto__=1')).code, 'HTTP_QUERY_INVALID')
})

test('what nothing answers is a 404, and the wrong method a 405 that names the right ones', async () => {
  await using fixture = await serve(operations)
  const missing = await ask(fixture, '/nothing')
  assert.deepEqual([missing.status, missing.code], [404, 'HTTP_ROUTE_NOT_FOUND'])
  assert.equal((await ask(fixture, '/lines/x/')).status, 404)
  assert.equal((await ask(fixture, '/lines//')).status, 400)
  const wrong = await ask(fixture, '/lines/x', { method: 'PATCH' })
  assert.deepEqual([wrong.status, wrong.code], [405, 'HTTP_METHOD_NOT_ALLOWED'])
  assert.equal(wrong.headers.get('allow'), 'DELETE, GET, HEAD, OPTIONS')
  const options = await ask(fixture, '/lines/x', { method: 'OPTIONS' })
  assert.deepEqual(
    [options.status, options.headers.get('allow')],
    [204, 'DELETE, GET, HEAD, OPTIONS'],
  )
  assert.equal(options.headers.get('access-control-allow-origin'), null)
})

test('HEAD answers as GET does, without a body', async () => {
  await using fixture = await serve(operations)
  const get = await ask(fixture, '/lines/x?count=1')
  const head = await ask(fixture, '/lines/x?count=1', { method: 'HEAD' })
  assert.deepEqual([head.status, head.text], [200, ''])
  for (const name of ['etag', 'content-length', 'content-type', 'cache-control', 'vary']) {
    assert.equal(head.headers.get(name), get.headers.get(name), name)
  }
})

test('a query is revalidated by its entity tag', async () => {
  await using fixture = await serve(operations)
  const first = await ask(fixture, '/lines/x?count=1')
  const tag = first.headers.get('etag') ?? ''
  assert.match(tag, /^"[\w-]{20,}"$/)
  for (const known of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
    const again = await ask(fixture, '/lines/x?count=1', { headers: { 'If-None-Match': known } })
    assert.deepEqual([again.status, again.text, again.headers.get('etag')], [304, '', tag], known)
  }
  const changed = await ask(fixture, '/lines/x?count=2', { headers: { 'If-None-Match': tag } })
  assert.equal(changed.status, 200)
  assert.notEqual(changed.headers.get('etag'), tag)
})

test('only answers that anybody may see may be stored', async () => {
  await using fixture = await serve(operations)
  const open = await ask(fixture, '/lines/x?count=1')
  assert.equal(open.headers.get('cache-control'), 'no-cache')
  assert.equal(open.headers.get('vary'), 'Authorization')
  const signedIn = await ask(fixture, '/lines/x?count=1', { headers: user })
  assert.equal(signedIn.headers.get('cache-control'), 'no-store')
  const noted = await ask(fixture, '/notes', json('{}'))
  assert.equal(noted.headers.get('cache-control'), 'no-store')
  assert.equal(noted.headers.get('etag'), null)
  assert.equal(noted.headers.get('x-content-type-options'), 'nosniff')
})

test('a bad token is a 401 even where no token is needed', async () => {
  await using fixture = await serve(operations)
  for (const header of [
    'Bearer stolen',
    'Bearer',
    'Basic eDp5',
    'Bearer a b',
    `Bearer ${'a'.repeat(9_000)}`,
  ]) {
    const headers = { Authorization: header }
    const { status, code, headers: answered } = await ask(fixture, '/lines/x?count=1', { headers })
    assert.deepEqual([status, code], [401, 'HTTP_AUTHORIZATION_INVALID'], header)
    assert.match(answered.get('www-authenticate') ?? '', /^Bearer .*invalid_token/)
  }
  const missing = await ask(fixture, '/lines/x', { method: 'DELETE' })
  assert.deepEqual([missing.status, missing.code], [401, 'CALL_UNAUTHENTICATED'])
  assert.equal(missing.headers.get('www-authenticate'), 'Bearer realm="api"')
  const removed = await ask(fixture, '/lines/x', { method: 'DELETE', headers: user })
  assert.deepEqual([removed.status, removed.text], [204, ''])
  assert.equal(removed.headers.get('content-length'), null)
})

test('tokens may be proved later, and are refused where none are configured', async () => {
  const slow = {
    authenticate: async (token: string) => {
      await new Promise((resolve) => setImmediate(resolve))
      if (token === 'bad')
        throw new BanyanError(
          { code: 'IDENTITY_TOKEN_EXPIRED', kind: 'unauthenticated' },
          { message: 'expired', fix: '' },
          {},
        )
      return { subject: token, roles: [] }
    },
  }
  await using fixture = await serve(operations, slow)
  const good = await ask(fixture, '/lines/x', {
    method: 'DELETE',
    headers: { Authorization: 'Bearer u1' },
  })
  assert.equal(good.status, 204)
  const bad = await ask(fixture, '/lines/x', {
    method: 'DELETE',
    headers: { Authorization: 'Bearer bad' },
  })
  assert.deepEqual([bad.status, bad.code], [401, 'IDENTITY_TOKEN_EXPIRED'])
  await using without = await serve(operations, { authenticate: undefined as never })
  const refused = await ask(without, '/lines/x?count=1', { headers: user })
  assert.equal(refused.code, 'HTTP_AUTHORIZATION_INVALID')
})

test('a command carries its idempotency key, bare or quoted, and is refused without a good one', async () => {
  await using fixture = await serve(operations)
  const pay = (key?: string): Promise<Answer> =>
    ask(
      fixture,
      '/payments',
      json('{"amount":"5"}', { ...user, ...(key === undefined ? {} : { 'Idempotency-Key': key }) }),
    )
  assert.deepEqual((await pay('k-1')).fields, { key: 'k-1' })
  assert.deepEqual((await pay('"8e03978e-40d5"')).fields, { key: '8e03978e-40d5' })
  assert.deepEqual((await pay('"a \\"b\\""')).fields, { key: 'a "b"' })
  assert.equal((await pay('x'.repeat(255))).status, 201)
  const missing = await pay()
  assert.deepEqual([missing.status, missing.code], [400, 'HTTP_IDEMPOTENCY_KEY_MISSING'])
  for (const key of ['', '""', 'x'.repeat(256), 'a b', 'a,b', '"open', '\xe9']) {
    const { status, code } = await pay(key)
    assert.deepEqual([status, code], [400, 'HTTP_IDEMPOTENCY_KEY_INVALID'], key)
  }
})

test('the deadline is the shorter of what the client and the operation will wait', async () => {
  await using fixture = await serve(operations)
  const remaining = async (headers: Record<string, string>): Promise<number> => {
    const before = performance.now()
    const init = json('{"amount":"5"}', { ...user, 'Idempotency-Key': 'k', ...headers })
    assert.equal((await ask(fixture, '/payments', init)).status, 201)
    return (seen.context?.deadlineMs ?? 0) - before
  }
  const within = (value: number, low: number): void =>
    assert.ok(value > low - 1 && value < low + 400, `${value}`)
  within(await remaining({}), 2_000)
  within(await remaining({ 'Request-Timeout': '500ms' }), 500)
  within(await remaining({ 'X-Request-Timeout-Ms': '700' }), 700)
  within(await remaining({ 'Request-Timeout': '1m' }), 2_000)
  const bad = [
    { 'Request-Timeout': 'soon' },
    { 'Request-Timeout': '0s' },
    { 'Request-Timeout': '11m' },
    { 'Request-Timeout': '-1s' },
    { 'X-Request-Timeout-Ms': '0' },
    { 'X-Request-Timeout-Ms': '1e3' },
    { 'X-Request-Timeout-Ms': '5', 'Request-Timeout': '5ms' },
  ]
  for (const headers of bad) {
    const init = json('{}', { ...user, 'Idempotency-Key': 'k', ...headers })
    const { status, code } = await ask(fixture, '/payments', init)
    assert.deepEqual([status, code], [400, 'HTTP_TIMEOUT_HEADER_INVALID'], JSON.stringify(headers))
  }
})

test('a path parameter may be a field of each option of a union', async () => {
  const input = z.discriminatedUnion('type', [
    z.object({ type: z.literal('card'), id: z.int(), token: z.string() }),
    z.object({ type: z.literal('invoice'), id: z.int() }),
  ])
  const output = z.object({ id: z.int() })
  const declared = command({ input, output, http: 'POST /orders/{id}/payment', access: 'public' })
  await using fixture = await serve([operationOf('a.pay', declared, (value: object) => value)])
  const paid = await ask(fixture, '/orders/12/payment', json('{"type":"invoice"}'))
  assert.deepEqual([paid.status, paid.fields['id']], [200, 12], paid.text)
})
